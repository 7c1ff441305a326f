"""One text at most and one outcome exactly, whoever dies when."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.bus import Bus
from contracts.consent import ConsentChanged, ConsentState
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed, SuppressionReason
from contracts.staff import AlertKind, AlertRaised
from contracts.topology import CONSENT, EVENTS, REPLIES, RESPONDER_TEXTS
from contracts.values import Category
from ops.embedded.nats import EmbeddedNats
from responder import outcomes
from responder.consent.ledger import Ledger, Word
from responder.sending.claims import Claim, Claims, Concluded, Erased, Held, InDoubt, NotSent, Sending
from responder.sending.doubt import ASKING_ENDS
from responder.sending.keys import reply_key
from responder.sending.messages import About, Outgoing, Route, Sent, UnknownOutcome, Withheld
from responder.sending.retrying import SEND_ATTEMPTS
from responder.store import Store
from support.backends import NatsServer
from support.provider_rest import Answer
from support.responder import NUMBERS, PATIENT, TWILIO_NUMBER, VOIPMS_NUMBER, Office, patients_text, reply_to
from support.waiting import eventually

LONG_AGO = datetime(2026, 9, 7, 16, 0, tzinfo=UTC)
HOURS = About(category=Category.HOURS)


def outgoing(event: SmsReceived, *providers: str) -> Outgoing:
    routes = [Route(provider=provider, sender=NUMBERS[provider]) for provider in (event.data.provider, *providers)]
    text = reply_to(Category.HOURS)
    return Outgoing(routes=tuple(routes), recipient=event.data.from_number, text=text, about=HOURS)


def accepted(event: SmsReceived) -> SmsSent:
    sending = outgoing(event)
    outcome = outcomes.tell(event, Sent(sending, sending.routes[0], "SM99", "queued"), LONG_AGO)
    assert isinstance(outcome, SmsSent)
    return outcome


def interrupted(event: SmsReceived, *, ago: timedelta) -> Sending:
    """What a responder wrote that died between its claim and the provider's answer."""
    return Sending(outgoing=outgoing(event), since=datetime.now(UTC) - ago)


async def left_behind(operator: Bus, event: SmsReceived, claim: Claim) -> None:
    """The claim that a responder wrote before it died."""
    await Claims(Store(operator, REPLIES)).move(Held(reply_key(event.id), None, 0), claim)


def on_the_list(office: Office, event: SmsReceived, sid: str, text: str | None = None) -> None:
    """The provider has a text to the sender of `event`: the reply, unless it has other words."""
    words = text or reply_to(Category.HOURS)
    if event.data.provider == "twilio":
        office.twilio.keep(sid, {"From": TWILIO_NUMBER, "To": PATIENT, "Body": words})
    else:
        office.voipms.keep(sid, {"did": VOIPMS_NUMBER[2:], "dst": PATIENT[2:], "message": words})


async def test_a_repeated_text_is_answered_once_and_its_outcome_stays_one(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    async with office.responder():
        await office.receive(event)
        first = await office.outcome(event)
        for _ in range(3):
            await office.receive_again(event)
        await office.settled()
        assert await office.outcome(event) == first
    async with office.responder():
        await office.receive_again(event)
        await office.settled()
    assert await office.outcome(event) == first
    assert len(office.twilio.sends) == 1


@pytest.mark.parametrize("listed", [True, False], ids=["on the list already", "not on the list yet"])
async def test_a_repeat_while_the_reply_is_on_its_way_sends_nothing(office: Office, listed: bool) -> None:
    release = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=release))
    event = patients_text("hours?", sid="SM1")
    async with office.responder():
        await office.receive(event)
        await eventually(lambda: office.twilio.sends)
        if not listed:
            office.twilio.kept.clear()
        await office.receive_again(event)
        await eventually(lambda: office.twilio.lists)
        if listed:
            await office.outcome(event)
        else:
            assert await office.outcomes(event) == []
        release.set()
        assert isinstance(await office.outcome(event), SmsSent)
        await office.settled()
    assert len(office.twilio.sends) == 1
    assert len(await office.outcomes(event)) == 1


async def test_texts_delivered_twice_at_the_same_moment_are_answered_once(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    for _ in range(4):
        await office.receive_again(event)
    async with office.responder(), office.responder():
        assert isinstance(await office.outcome(event), SmsSent)
        await office.settled()
    assert len(office.twilio.sends) == 1


async def test_killed_while_sending_it_asks_what_became_of_it_and_never_sends_again(
    office: Office, tmp_path: Path
) -> None:
    config = (await office.operator.js.consumer_info(EVENTS.name, RESPONDER_TEXTS.name)).config
    await office.operator.js.add_consumer(EVENTS.name, config.evolve(ack_wait=3))
    never = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=never))
    event = await office.receive(patients_text("my secret pet, when are you open", sid="SM1"))
    log = tmp_path / "responder.log"
    with office.responder_process(log) as process:
        await eventually(lambda: office.twilio.sends)
        process.kill()
        process.wait()
    never.set()
    with office.responder_process(log):
        outcome = await office.outcome(event, within=30)
        await office.settled()
        await eventually(lambda: "text concluded" in log.read_text())
    assert isinstance(outcome, SmsSent)
    assert outcome.data.message_sid == "SM77"
    assert len(office.twilio.sends) == 1
    assert await office.published(AlertRaised) == []
    written = log.read_text()
    for sensitive in ("secret pet", reply_to(Category.HOURS), event.data.from_number[2:], office.twilio.auth_token):
        assert sensitive not in written
    assert office.voipms.password not in written


async def test_died_after_acceptance_it_publishes_the_very_event_it_wrote_down(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, Concluded(state="sent", outcome=accepted(event)))
    async with office.responder():
        await office.receive(event)
        outcome = await office.outcome(event)
    assert isinstance(outcome, SmsSent)
    assert outcome.time == LONG_AGO
    assert outcome.data.message_sid == "SM99"
    assert office.twilio.sends == []


async def test_a_repeat_months_later_publishes_the_same_bytes(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    claim = Concluded(state="sent", outcome=accepted(event))
    await left_behind(office.operator, event, claim)
    async with office.responder():
        await office.receive(event)
        await office.outcome(event)
    stored = await office.operator.js.get_last_msg(EVENTS.name, SmsSent.bus_subject)
    assert stored.data == claim.outcome.to_json()


async def test_a_text_of_somebody_who_was_erased_is_neither_answered_nor_told_of_again(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, Erased())
    async with office.responder():
        await office.receive(event)
        await office.settled()
    assert await office.outcomes(event) == []
    assert office.twilio.sends == []


@pytest.mark.parametrize(("provider", "sid"), [("twilio", "SM42"), ("voipms", "4242")])
async def test_died_after_the_call_the_text_is_found_at_the_provider(office: Office, provider: str, sid: str) -> None:
    event = patients_text("hours?", sid="SM1", provider=provider)
    await left_behind(office.operator, event, interrupted(event, ago=timedelta(seconds=1)))
    on_the_list(office, event, sid)
    async with office.responder():
        await office.receive(event)
        outcome = await office.outcome(event)
    assert isinstance(outcome, SmsSent)
    assert (outcome.data.message_sid, outcome.data.message) == (sid, reply_to(Category.HOURS))
    assert outcome.data.category == Category.HOURS
    assert office.twilio.sends == office.voipms.sends == []


@pytest.mark.parametrize("provider", ["twilio", "voipms"])
async def test_died_before_the_call_it_sends_once_the_provider_would_list_what_was_sent(
    office: Office, provider: str
) -> None:
    event = patients_text("hours?", sid="SM1", provider=provider)
    await left_behind(office.operator, event, interrupted(event, ago=timedelta(seconds=13)))
    double = office.twilio if provider == "twilio" else office.voipms
    async with office.responder():
        await office.receive(event)
        await eventually(lambda: double.lists)
        assert double.sends == []
        assert isinstance(await office.outcome(event), SmsSent)
    assert len(double.sends) == 1
    assert double.lists >= 2


async def test_a_text_of_another_cause_with_the_same_words_is_not_taken_for_ours(office: Office) -> None:
    earlier, event = patients_text("hours?", sid="SM1"), patients_text("hours?", sid="SM2")
    await left_behind(office.operator, event, interrupted(event, ago=timedelta(seconds=20)))
    async with office.responder():
        await office.outcome(await office.receive(earlier))
        await office.receive(event)
        second = await office.outcome(event)
    # The first reply is on the list, and belongs to the first text: so the second was not sent. By now it is too early.
    assert (second.data.reason, len(office.twilio.sends)) == (SuppressionReason.COOLDOWN, 1)


@pytest.mark.parametrize(
    ("ago", "told"),
    [(timedelta(minutes=1), False), (ASKING_ENDS, True)],
    ids=["asks again later", "tells staff at last"],
)
async def test_a_text_that_nobody_can_account_for_proves_nothing(office: Office, ago: timedelta, told: bool) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, interrupted(event, ago=ago))
    on_the_list(office, event, "SM42", "Bright Harbor Dental hours: garbled on the way")
    async with office.responder():
        await office.receive(event)
        await eventually(lambda: office.twilio.lists)
        if told:
            assert await office.silence(event) == SuppressionReason.UNKNOWN_OUTCOME
        else:
            await office.settled_but(1)
            assert await office.outcomes(event) == []
    assert office.twilio.sends == []


async def test_who_cannot_ask_long_enough_tells_staff_and_never_sends(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, interrupted(event, ago=ASKING_ENDS + timedelta(seconds=1)))
    office.twilio.list_answers.append(Answer(503, {"code": 20503}))
    async with office.responder():
        await office.receive(event)
        assert await office.silence(event) == SuppressionReason.UNKNOWN_OUTCOME
        await office.receive_again(event)
        await office.settled()
        (alert,) = await office.published(AlertRaised)
    assert len(await office.outcomes(event)) == 1
    assert office.twilio.sends == []
    assert (alert.data.kind, alert.data.origin, alert.data.from_number) == (AlertKind.REPLY_UNKNOWN, "SM1", PATIENT)


async def test_while_the_provider_cannot_be_asked_nothing_is_sent_and_then_the_text_is_found(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, interrupted(event, ago=timedelta(seconds=1)))
    on_the_list(office, event, "SM42")
    office.twilio.list_answers.append(Answer(503, {"code": 20503}))
    async with office.responder():
        await office.receive(event)
        outcome = await office.outcome(event)
    assert isinstance(outcome, SmsSent)
    assert outcome.data.message_sid == "SM42"
    assert office.twilio.lists == 2
    assert office.twilio.sends == []


async def test_died_before_staff_were_told_of_an_unknown_outcome_they_are_told(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    doubtful = outgoing(event)
    unknown = outcomes.tell(event, UnknownOutcome(doubtful, doubtful.routes[0]), LONG_AGO)
    await left_behind(office.operator, event, Concluded(state="unknown", outcome=unknown))
    async with office.responder():
        await office.receive(event)
        await office.outcome(event)
        (alert,) = await office.published(AlertRaised)
    assert alert == outcomes.unknown_reply_alert(event, unknown)
    assert alert.time == LONG_AGO


async def test_died_after_a_refusal_that_may_pass_it_tries_again(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, NotSent(attempts=1, code="20429"))
    async with office.responder():
        await office.receive(event)
        assert isinstance(await office.outcome(event), SmsSent)
    assert len(office.twilio.sends) == 1


async def test_after_the_last_attempt_staff_are_told_instead(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    await left_behind(office.operator, event, NotSent(attempts=SEND_ATTEMPTS - 1, code="20429"))
    office.twilio.refuse(429, 20429)
    async with office.responder(send_fallback=False):
        await office.receive(event)
        outcome = await office.outcome(event)
        await office.settled()
    assert (outcome.data.reason, outcome.data.error_code) == (SuppressionReason.REJECTED, "20429")
    assert len(office.twilio.sends) == 1


async def test_died_between_obeying_stop_and_telling_it_tells_and_confirms(office: Office) -> None:
    event = patients_text("STOP", sid="1", provider="voipms")
    word = Word(state=ConsentState.OPTED_OUT, said_at=event.time, event_id=event.id, changed=True)
    await Ledger(Store(office.operator, CONSENT)).write(event.data.from_number, word, 0)
    async with office.responder():
        await office.receive(event)
        assert isinstance(await office.outcome(event), SmsSent)
        changes = await office.published(ConsentChanged)
    assert [change.data.message_sid for change in changes] == ["1"]


async def test_died_between_learning_of_an_opt_out_and_obeying_it_it_obeys(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    refused = outcomes.tell(event, Withheld(SuppressionReason.OPTED_OUT, HOURS, "21610"), LONG_AGO)
    await left_behind(office.operator, event, Concluded(state="withheld", outcome=refused))
    async with office.responder():
        await office.receive(event)
        await office.outcome(event)
        question = await office.receive(patients_text("hours?", sid="2", provider="voipms"))
        assert await office.silence(question) == SuppressionReason.OPTED_OUT


async def test_no_answer_in_time_is_one_attempt_and_the_text_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.senders.http.TOTAL_SECONDS", 0.5)
    never = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=never))
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        outcome = await office.outcome(event)
        await office.settled()
    never.set()
    assert isinstance(outcome, SmsSent)
    assert outcome.data.message_sid == "SM77"
    assert len(office.twilio.sends) == 1


async def test_a_server_error_after_which_the_provider_has_the_text_is_one_attempt(office: Office) -> None:
    office.twilio.answers.append(Answer(503, {"code": 20503}, taken="SM77"))
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        outcome = await office.outcome(event)
        await office.settled()
    assert isinstance(outcome, SmsSent)
    assert outcome.data.message_sid == "SM77"
    assert len(office.twilio.sends) == 1


async def test_a_server_error_after_which_the_provider_does_not_have_the_text_is_tried_again(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    doubt = InDoubt(outgoing=outgoing(event), since=datetime.now(UTC) - timedelta(minutes=1), detail="http_503")
    await left_behind(office.operator, event, doubt)
    async with office.responder():
        await office.receive(event)
        assert isinstance(await office.outcome(event), SmsSent)
    assert len(office.twilio.sends) == 1


async def test_a_provider_that_keeps_losing_texts_is_not_asked_for_ever(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    since = datetime.now(UTC) - timedelta(minutes=1)
    doubt = InDoubt(outgoing=outgoing(event), attempt=SEND_ATTEMPTS, since=since, detail="http_503")
    await left_behind(office.operator, event, doubt)
    async with office.responder():
        await office.receive(event)
        outcome = await office.outcome(event)
    assert (outcome.data.reason, outcome.data.error_code) == (SuppressionReason.REJECTED, "http_503")
    assert office.twilio.sends == []


@pytest.mark.parametrize(
    ("status", "code"), [(401, 20003), (429, 63038), (400, 21606)], ids=["credentials", "daily cap", "number"]
)
async def test_what_one_provider_surely_did_not_send_leaves_once_by_the_other(
    office: Office, status: int, code: int
) -> None:
    office.twilio.refuse(status, code)
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        outcome = await office.outcome(event)
        await office.receive_again(event)
        await office.settled()
    assert isinstance(outcome, SmsSent)
    assert (outcome.data.provider, outcome.data.from_number) == ("voipms", VOIPMS_NUMBER)
    assert (outcome.data.in_reply_to_provider, outcome.data.in_reply_to) == ("twilio", "SM1")
    assert (len(office.twilio.sends), len(office.voipms.sends)) == (1, 1)


@pytest.mark.parametrize(("status", "code"), [(400, 21610), (400, 21614), (400, 21211)])
async def test_what_would_be_refused_anywhere_does_not_leave_by_the_other(
    office: Office, status: int, code: int
) -> None:
    office.twilio.refuse(status, code)
    async with office.responder():
        outcome = await office.outcome(await office.receive(patients_text("hours?", sid="SM1")))
    assert isinstance(outcome, SmsSuppressed)
    assert outcome.data.error_code == str(code)
    assert office.voipms.sends == []


async def test_a_text_in_doubt_never_leaves_by_the_other(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    sending = interrupted(event, ago=timedelta(minutes=5))
    routed = sending.model_copy(update={"outgoing": outgoing(event, "voipms")})
    await left_behind(office.operator, event, routed)
    office.twilio.list_answers.extend([Answer(503, {"code": 20503})] * 3)
    async with office.responder():
        await office.receive(event)
        await eventually(lambda: office.twilio.lists)
    assert office.voipms.sends == office.twilio.sends == []


async def test_a_provider_that_wants_to_be_left_alone_is_left_alone(office: Office) -> None:
    office.twilio.answers.append(Answer(429, {"code": 20429}, headers={"Retry-After": "3"}))
    async with office.responder(send_fallback=False):
        first = await office.receive(patients_text("hours?", sid="SM1"))

        async def refused() -> bool:
            return isinstance((await Claims(Store(office.operator, REPLIES)).get(reply_key(first.id))).claim, NotSent)

        await eventually(refused)
        second = await office.receive(patients_text("insurance?", sid="SM2", sender="+12125550124"))
        for event in (first, second):
            assert isinstance(await office.outcome(event), SmsSent)
    refusal, *later = office.twilio.came_at
    assert len(later) == 2
    assert min(later) - refusal >= 3


async def test_an_acceptance_that_nats_could_not_take_down_is_written_when_it_is_back(
    office: Office, nats: NatsServer, tmp_path: Path
) -> None:
    if not isinstance(nats, EmbeddedNats):
        pytest.skip("only the embedded server can be stopped and started")
    release = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=release))
    log = tmp_path / "responder.log"
    with office.responder_process(log):
        event = await office.receive(patients_text("hours?", sid="SM1"))
        await eventually(lambda: office.twilio.sends)
        nats.stop()
        release.set()
        await eventually(lambda: "cannot record how a send ended" in log.read_text(), within=30)
        nats.start()
        outcome = await office.outcome(event, within=30)
    assert isinstance(outcome, SmsSent)
    assert len(office.twilio.sends) == 1
