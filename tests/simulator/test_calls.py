"""A caller who does what the TwiML says."""

import pytest
from starlette.responses import Response

from support.simulator import ACCOUNT_SID, AUTH_TOKEN, PATIENT, Gateway, Received, Simulator

VOICE = "/voice/incoming"
STATUS = "/webhooks/twilio/voice/status"
RECORDED = "/webhooks/twilio/recording/status"
VOICEMAIL = (
    '<Say language="en-US">Please leave a message.</Say>'
    '<Record action="done?step=1" maxLength="120" playBeep="true" '
    'recordingStatusCallback="/webhooks/twilio/recording/status" recordingStatusCallbackEvent="in-progress completed"/>'
    "<Say>Nothing heard.</Say>"
)


async def test_a_voicemail_from_ringing_to_its_recording(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, VOICEMAIL)
    gateway.twiml("/voice/done", "<Say>Thank you.</Say><Hangup/>")
    call = await sim.do("twilio/calls", from_number=PATIENT, recording="voicemail", recording_ends_by="#")
    (voice,), (done,) = gateway.forms(VOICE), gateway.forms("/voice/done")
    assert (voice["CallStatus"], voice["ToZip"], voice["StirVerstat"]) == ("ringing", "", "TN-Validation-Passed-A")
    assert (done["CallStatus"], done["Digits"], done["RecordingDuration"]) == ("in-progress", "#", "20")
    assert "/voice/done?step=1" in [request.target for request in gateway.received]
    started, completed = gateway.forms(RECORDED)
    assert (started["RecordingStatus"], "RecordingDuration" in started) == ("in-progress", False)
    assert completed["RecordingStatus"] == "completed"
    assert completed["RecordingUrl"].endswith(f"/Recordings/{completed['RecordingSid']}")
    assert "From" not in completed
    (status,) = gateway.forms(STATUS)
    assert (status["CallStatus"], "CallbackSource" in status) == ("completed", False)
    assert int(status["CallDuration"]) == call["seconds"] > 20
    assert (call["ended_by"], call["problems"]) == ("hangup verb", [])
    assert call["heard"] == ["Please leave a message.", "Thank you."]
    assert call["recording_sids"] == [completed["RecordingSid"]]


async def test_who_hangs_up_while_recording_leaves_the_next_document_unheard(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, VOICEMAIL)
    gateway.twiml("/voice/done", "<Say>Thank you.</Say>")
    call = await sim.do("twilio/calls", from_number=PATIENT, recording="voicemail")
    (done,) = gateway.forms("/voice/done")
    assert (done["CallStatus"], done["Digits"]) == ("completed", "hangup")
    assert (call["ended_by"], call["heard"]) == ("caller", ["Please leave a message."])
    assert len(gateway.forms(RECORDED)) == 2


async def test_who_says_nothing_comes_past_the_recording(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, VOICEMAIL)
    call = await sim.do("twilio/calls", from_number=PATIENT)
    assert call["heard"] == ["Please leave a message.", "Nothing heard."]
    assert call["recording_sids"] == gateway.forms(RECORDED) == []
    assert call["ended_by"] == "end of document"


async def test_a_recording_is_not_longer_than_allowed(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, VOICEMAIL.replace("120", "3"))
    gateway.twiml("/voice/done", "")
    await sim.do("twilio/calls", from_number=PATIENT, recording="voicemail")
    completed = gateway.forms(RECORDED)[1]
    assert completed["RecordingDuration"] == "3"
    audio = await sim.http.get(completed["RecordingUrl"], auth=(ACCOUNT_SID, AUTH_TOKEN))
    assert len(audio.content) == 44 + 3 * 16_000


def gather(**attributes: str) -> str:
    words = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<Gather action="/voice/turn" {words}><Say>How can I help?</Say></Gather><Redirect>/voice/bye</Redirect>'


@pytest.mark.parametrize(
    ("attributes", "given", "expected"),
    [
        ({"input": "speech"}, {"speech": "book a visit"}, {"SpeechResult": "book a visit", "Confidence": "0.91"}),
        ({"input": "dtmf speech"}, {"digits": "1"}, {"Digits": "1", "FinishedOnKey": ""}),
        ({}, {"digits": "12#3"}, {"Digits": "12", "FinishedOnKey": "#"}),
        ({"numDigits": "1"}, {"digits": "123"}, {"Digits": "1"}),
        ({"actionOnEmptyResult": "true"}, None, {"Digits": ""}),
    ],
)
async def test_gather_hears_speech_and_keys(
    sim: Simulator,
    gateway: Gateway,
    attributes: dict[str, str],
    given: dict[str, str] | None,
    expected: dict[str, str],
) -> None:
    gateway.twiml(VOICE, gather(**attributes))
    gateway.twiml("/voice/turn", "<Hangup/>")
    await sim.do("twilio/calls", from_number=PATIENT, inputs=[given])
    (turn,) = gateway.forms("/voice/turn")
    assert expected.items() <= turn.items()
    assert turn["CallStatus"] == "in-progress"
    assert gateway.forms("/voice/bye") == []


@pytest.mark.parametrize(("attributes", "given"), [({}, None), ({}, {"speech": "hello"}), ({"input": "speech"}, None)])
async def test_what_gather_does_not_hear_goes_on_with_the_next_verb(
    sim: Simulator, gateway: Gateway, attributes: dict[str, str], given: dict[str, str] | None
) -> None:
    gateway.twiml(VOICE, gather(**attributes))
    gateway.twiml("/voice/bye", "<Say>Goodbye</Say>")
    call = await sim.do("twilio/calls", from_number=PATIENT, inputs=[given])
    assert gateway.forms("/voice/turn") == []
    assert call["heard"] == ["How can I help?", "Goodbye"]


async def test_who_hangs_up_in_gather_is_not_heard_of_again(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, gather())
    call = await sim.do("twilio/calls", from_number=PATIENT, inputs=[{"hangup": True}])
    assert (call["ended_by"], call["status"]) == ("caller", "completed")
    assert [request.path for request in gateway.received] == [VOICE, STATUS]


async def test_nobody_answers_a_dialled_number(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, '<Dial timeout="20" action="/voice/after"><Number>+12125550188</Number></Dial>')
    gateway.twiml("/voice/after", "<Hangup/>")
    call = await sim.do("twilio/calls", from_number=PATIENT)
    (after,) = gateway.forms("/voice/after")
    assert after["DialCallStatus"] == "no-answer"
    assert after["DialCallSid"] != after["CallSid"]
    assert call["seconds"] == 20


async def test_progress_events_are_numbered_and_timed(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, '<Pause length="61"/>')
    await sim.do("twilio/calls", from_number=PATIENT, progress_events=True)
    events = gateway.forms(STATUS)
    assert [(event["CallStatus"], event["SequenceNumber"]) for event in events] == [
        ("initiated", "0"),
        ("ringing", "1"),
        ("in-progress", "2"),
        ("completed", "3"),
    ]
    assert all(event["CallbackSource"] == "call-progress-events" for event in events)
    last = events[-1]
    assert (last["CallDuration"], last["Duration"], last["SipResponseCode"]) == ("61", "2", "200")
    assert last["Timestamp"].endswith("+0000")


async def test_a_rejected_call_never_was_in_progress(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, '<Reject reason="busy"/>')
    call = await sim.do("twilio/calls", from_number=PATIENT, progress_events=True)
    assert call["status"] == "busy"
    assert [event["CallStatus"] for event in gateway.forms(STATUS)] == ["initiated", "ringing", "busy"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("<Response><Say>a & b</Say></Response>", media_type="text/xml"), "12100"),
        (Response("<response/>", media_type="text/xml"), "12100"),
        (Response('{"say": "hello"}', media_type="application/json"), "12300"),
        (Response("<Response/>", 500, media_type="text/xml"), "11200"),
    ],
)
async def test_twiml_that_twilio_cannot_use_is_an_application_error(
    sim: Simulator, gateway: Gateway, answer: Response, code: str
) -> None:
    gateway.answers[VOICE] = lambda _: answer
    call = await sim.do("twilio/calls", from_number=PATIENT)
    assert call["ended_by"] == "application error"
    assert [problem[:5] for problem in call["problems"]] == [code]
    assert gateway.forms(STATUS)[0]["CallStatus"] == "completed"


@pytest.mark.parametrize(
    "body",
    ["<say>hello</say>", '<Say loudness="9">hello</Say>', "<Gather><Dial/></Gather>", '<Pause length="long"/>'],
)
async def test_twiml_that_twilio_would_warn_of_is_reported(sim: Simulator, gateway: Gateway, body: str) -> None:
    gateway.twiml(VOICE, body)
    call = await sim.do("twilio/calls", from_number=PATIENT)
    assert call["problems"][0].startswith("12200")


async def test_a_call_that_goes_in_circles_ends(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, "<Redirect>/voice/incoming</Redirect>")
    call = await sim.do("twilio/calls", from_number=PATIENT)
    assert call["ended_by"] == "too many documents"
    assert len(gateway.forms(VOICE)) == 50


async def test_a_get_action_has_its_parameters_after_its_own_query(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(VOICE, '<Redirect method="GET">/voice/next?a=%20b</Redirect>')
    gateway.twiml("/voice/next", "<Hangup/>")
    await sim.do("twilio/calls", from_number=PATIENT)
    request = gateway.received[1]
    assert request.method == "GET"
    assert request.target.startswith("/voice/next?a=%20b&CallSid=CA")
    assert gateway.signed(request)


async def test_plain_text_is_spoken(sim: Simulator, gateway: Gateway) -> None:
    gateway.answers[VOICE] = lambda _: Response("ok", media_type="text/plain")
    call = await sim.do("twilio/calls", from_number=PATIENT)
    assert (call["heard"], call["ended_by"]) == (["ok"], "end of document")


async def test_a_recording_is_404_until_it_is_complete_and_needs_credentials(sim: Simulator, gateway: Gateway) -> None:
    seen: dict[str, int] = {}

    async def try_to_fetch(request: Received, when: str) -> Response:
        answer = await sim.http.get(request.form["RecordingUrl"], auth=(ACCOUNT_SID, AUTH_TOKEN))
        seen[when] = answer.status_code
        return Response("<Response/>", media_type="text/xml")

    gateway.twiml(VOICE, f'<Record action="/voice/done" recordingStatusCallback="{RECORDED}"/>')
    gateway.answers["/voice/done"] = lambda request: try_to_fetch(request, "action")
    gateway.answers[RECORDED] = lambda request: try_to_fetch(request, "callback")
    await sim.do("twilio/calls", from_number=PATIENT, recording="voicemail")
    assert seen == {"action": 404, "callback": 200}
    url = gateway.forms(RECORDED)[0]["RecordingUrl"]
    assert (await sim.http.get(url)).status_code == 401
