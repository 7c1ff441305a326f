"""Patients' texts through Twilio: what the webhooks say, what Twilio makes of answers, and STOP."""

import pytest
from starlette.responses import Response

from support.simulator import ACCOUNT_SID, PATIENT, TWILIO_NUMBER, Gateway, Simulator, simulating
from support.waiting import eventually

INCOMING = "/webhooks/twilio/sms/incoming"
STATUS = "/webhooks/twilio/sms/status"
CAPTURED = {
    *("ToCountry", "ToState", "ToCity", "ToZip", "FromCountry", "FromState", "FromCity", "FromZip"),
    *("SmsMessageSid", "SmsSid", "MessageSid", "AccountSid", "SmsStatus", "NumMedia", "NumSegments"),
    *("Body", "From", "To", "ApiVersion"),
}


async def test_a_text_has_the_parameters_of_a_real_one_blanks_included(sim: Simulator, gateway: Gateway) -> None:
    sent = await sim.do("twilio/texts", from_number=PATIENT, message="Hi, can I move my cleaning? ☺")
    (form,) = gateway.forms(INCOMING)
    assert set(form) == CAPTURED
    assert form["ToZip"] == ""
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"] == sent["message_sid"]
    assert (form["From"], form["To"], form["AccountSid"]) == (PATIENT, TWILIO_NUMBER, ACCOUNT_SID)
    assert sent["message_sid"].startswith("SM")
    assert len(sent["message_sid"]) == 34


async def test_a_picture_is_an_mms_with_its_media(sim: Simulator, gateway: Gateway) -> None:
    media = ["https://example.org/tooth.png", "https://example.org/scan"]
    sent = await sim.do("twilio/texts", from_number=PATIENT, message="", media_urls=media)
    (form,) = gateway.forms(INCOMING)
    assert sent["message_sid"].startswith("MM")
    assert (form["Body"], form["NumMedia"]) == ("", "2")
    assert (form["MediaUrl0"], form["MediaContentType0"]) == (media[0], "image/png")
    assert (form["MediaUrl1"], form["MediaContentType1"]) == (media[1], "image/jpeg")


async def test_repeats_of_a_delivery_share_its_idempotency_token(sim: Simulator, gateway: Gateway) -> None:
    await sim.do("twilio/texts", from_number=PATIENT, message="a", delivery={"repeat": 2})
    await sim.do("twilio/texts", from_number=PATIENT, message="b")
    one, again, other = [request.headers["i-twilio-idempotency-token"] for request in gateway.received]
    assert one == again != other


@pytest.mark.parametrize(
    ("media_type", "body", "texts", "code"),
    [
        ("text/xml", "<Response/>", [], None),
        ("text/xml", "<Response><Message>Hello</Message></Response>", ["Hello"], None),
        ("text/xml", "<Response><Message><Body>Hello</Body></Message></Response>", ["Hello"], None),
        ("text/plain", "ok", ["ok"], None),
        ("application/json", "{}", [], "12300"),
        ("text/xml", " <?xml version='1.0'?><Response/>", [], "12100"),
        ("text/xml", "<Response><Message>a & b</Message></Response>", [], "12100"),
        ("text/xml", "<Answer/>", [], "12100"),
        ("text/xml", "<Response><Say>Hello</Say></Response>", [], "12200"),
    ],
)
async def test_the_answer_to_a_text_is_carried_out(
    sim: Simulator, gateway: Gateway, media_type: str, body: str, texts: list[str], code: str | None
) -> None:
    gateway.answers[INCOMING] = lambda _: Response(body, media_type=media_type)
    sent = await sim.do("twilio/texts", from_number=PATIENT, message="hello")
    assert [text["message"] for text in await sim.texts()] == texts
    problem = sent["attempts"][0]["problem"]
    assert problem is None if code is None else problem.startswith(code)


async def test_an_error_answer_is_reported_and_not_repeated(sim: Simulator, gateway: Gateway) -> None:
    gateway.answers[INCOMING] = lambda _: Response(status_code=503)
    sent = await sim.do("twilio/texts", from_number=PATIENT, message="hello")
    (attempt,) = sent["attempts"]
    assert (attempt["status"], attempt["problem"][:5]) == (503, "11200")
    assert len(gateway.received) == 1


async def test_nobody_there_is_tried_twice_and_remembered() -> None:
    async with simulating("http://127.0.0.1:9") as sim:
        sent = await sim.do("twilio/texts", from_number=PATIENT, message="hello")
        assert sent["attempts"][0]["error"].startswith("11205")
        assert len(await sim.webhooks()) == 2


async def test_a_reply_is_reported_as_sent_then_delivered(sim: Simulator, gateway: Gateway) -> None:
    answer = (await sim.send(StatusCallback=gateway.url + STATUS)).json()
    forms = await eventually(lambda: len(gateway.forms(STATUS)) == 2 and gateway.forms(STATUS))
    assert [form["MessageStatus"] for form in forms] == ["sent", "delivered"]
    assert all(form["MessageSid"] == form["SmsSid"] == answer["sid"] for form in forms)
    assert "RawDlrDoneDate" in forms[1]
    assert all(gateway.signed(request) for request in gateway.received)
    (text,) = await sim.texts()
    assert (text["status"], text["to_number"], text["message"]) == ("delivered", PATIENT, "hello")


async def test_a_reply_through_a_messaging_service_is_accepted_then_queued(sim: Simulator, gateway: Gateway) -> None:
    answer = await sim.send(From="", MessagingServiceSid="MG" + "6" * 32, StatusCallback=gateway.url + STATUS)
    assert (answer.json()["status"], answer.json()["num_segments"]) == ("accepted", "0")
    forms = await eventually(lambda: len(gateway.forms(STATUS)) == 3 and gateway.forms(STATUS))
    assert [form["MessageStatus"] for form in forms] == ["queued", "sent", "delivered"]


async def test_a_text_turns_out_as_asked_in_the_order_asked(sim: Simulator, gateway: Gateway) -> None:
    await sim.do("twilio/outcomes", statuses=["undelivered", "sent"], error_code=30007)
    sid = (await sim.send(StatusCallback=gateway.url + STATUS)).json()["sid"]
    forms = await eventually(lambda: len(gateway.forms(STATUS)) == 2 and gateway.forms(STATUS))
    assert [(form["MessageStatus"], form.get("ErrorCode")) for form in forms] == [
        ("undelivered", "30007"),
        ("sent", None),
    ]
    assert [(text["id"], text["status"], text["error_code"]) for text in await sim.texts()] == [
        (sid, "undelivered", 30007)
    ]


async def test_callbacks_go_to_the_gateway_and_nowhere_else(sim: Simulator, gateway: Gateway) -> None:
    await sim.send(StatusCallback="http://elsewhere.example.org/status")
    attempts = await eventually(lambda: sim.webhooks(kind="twilio.sms.status"))
    assert attempts[0]["error"] == "not a URL of the gateway: nothing was sent"
    assert gateway.received == []


@pytest.mark.parametrize("word", ["STOP", "stop ", "Unsubscribe", "REVOKE", "optout", "CANCEL"])
async def test_stop_blocks_the_pair_and_twilio_answers_itself(sim: Simulator, gateway: Gateway, word: str) -> None:
    await sim.do("twilio/texts", from_number=PATIENT, message=word)
    assert len(gateway.forms(INCOMING)) == 1
    refused = await sim.send()
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    assert (await sim.send(To="+12125550177")).status_code == 201
    assert [text["to_number"] for text in await sim.texts()] == ["+12125550177"]
    (confirmation,) = await sim.texts(by="provider")
    assert "unsubscribed" in confirmation["message"]


async def test_start_lifts_the_block_and_a_second_stop_is_not_confirmed(sim: Simulator) -> None:
    for word in ("STOP", "STOP", "HELP", "START"):
        await sim.do("twilio/texts", from_number=PATIENT, message=word)
    assert (await sim.send()).status_code == 201
    confirmations = [text["message"] for text in await sim.texts(by="provider")]
    assert ["unsubscribed" in message for message in confirmations] == [True, False]


@pytest.mark.parametrize("message", ["please stop texting", "STOP!", "I need help"])
async def test_other_words_are_no_opt_out_to_twilio(sim: Simulator, message: str) -> None:
    await sim.do("twilio/texts", from_number=PATIENT, message=message)
    assert (await sim.send()).status_code == 201
    assert await sim.texts(by="provider") == []


async def test_with_advanced_opt_out_later_texts_fail_asynchronously(sim: Simulator, gateway: Gateway) -> None:
    await sim.do("twilio/texts", from_number=PATIENT, message="no more", opt_out_type="STOP")
    (form,) = gateway.forms(INCOMING)
    assert form["OptOutType"] == "STOP"
    assert form["MessagingServiceSid"].startswith("MG")
    assert (await sim.send(StatusCallback=gateway.url + STATUS)).status_code == 201
    (failed,) = await eventually(lambda: gateway.forms(STATUS))
    assert (failed["MessageStatus"], failed["ErrorCode"]) == ("failed", "21610")


async def test_an_opt_out_happens_once_however_often_its_webhook_comes(sim: Simulator, gateway: Gateway) -> None:
    await sim.do("twilio/texts", from_number=PATIENT, message="STOP", delivery={"repeat": 3})
    assert len(gateway.forms(INCOMING)) == 3
    assert len(await sim.texts(by="provider")) == 1
