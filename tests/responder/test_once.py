"""One text at most and one outcome exactly, whoever dies when."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.bus import Bus
from contracts.consent import ConsentChanged, ConsentState
from contracts.sms import SmsReceived, SmsSent, SuppressionReason
from contracts.staff import AlertKind, AlertRaised
from contracts.topology import CONSENT, EVENTS, REPLIES, RESPONDER_TEXTS
from contracts.values import Category
from ops.embedded.nats import EmbeddedNats
from responder import outcomes
from responder.claims import SENDING_TAKES, Claim, Claims, Concluded, Held, NotSent, Sending
from responder.consent import Ledger, Word
from responder.handling import SEND_ATTEMPTS
from responder.senders.port import Accepted
from responder.store import Store
from support.backends import NatsServer
from support.provider_rest import Answer
from support.responder import PATIENT, Office, patients_text, reply_to
from support.waiting import eventually

LONG_AGO = datetime(2026, 9, 7, 16, 0, tzinfo=UTC)


def accepted(event: SmsReceived) -> SmsSent:
    reply = reply_to(Category.HOURS)
    return outcomes.sent(event, Category.HOURS, reply, Accepted("SM99", "queued"), at=LONG_AGO)


async def left_behind(operator: Bus, event: SmsReceived, claim: Claim) -> None:
    """The claim that a responder wrote before it died."""
    await Claims(Store(operator, REPLIES)).move(event.id, Held(None, 0), claim)


async def delivered(office: Office, messages: int) -> bool:
    info = await office.operator.js.consumer_info(EVENTS.name, RESPONDER_TEXTS.name)
    return info.delivered is not None and info.delivered.consumer_seq >= messages


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


async def test_a_repeat_while_the_reply_is_on_its_way_waits_for_it(office: Office) -> None:
    release = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=release))
    event = patients_text("hours?", sid="SM1")
    async with office.responder():
        await office.receive(event)
        await eventually(lambda: office.twilio.sends)
        await office.receive_again(event)
        await eventually(lambda: delivered(office, 2))
        await office.outcome(await office.receive(patients_text("hours?", sid="2", provider="voipms")))
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


async def test_killed_while_sending_it_never_sends_again_and_says_that_the_outcome_is_unknown(
    office: Office, tmp_path: Path
) -> None:
    config = (await office.operator.js.consumer_info(EVENTS.name, RESPONDER_TEXTS.name)).config
    await office.operator.js.add_consumer(EVENTS.name, config.evolve(ack_wait=SENDING_TAKES.total_seconds() - 2))
    never = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=never))
    event = await office.receive(patients_text("my secret tooth hurts, when are you open", sid="SM1"))
    log = tmp_path / "responder.log"
    with office.responder_process(log) as process:
        await eventually(lambda: office.twilio.sends)
        process.kill()
        process.wait()
    never.set()
    with office.responder_process(log):
        reason = await office.silence(event, within=30)
        await office.settled()
        await eventually(lambda: "text concluded" in log.read_text())
    assert reason == SuppressionReason.UNKNOWN_OUTCOME
    assert len(office.twilio.sends) == 1
    written = log.read_text()
    for sensitive in ("secret tooth", reply_to(Category.HOURS), event.data.from_number[2:], office.twilio.auth_token):
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


async def test_died_before_the_call_it_does_not_dare_to_send(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    since = datetime.now(UTC) - SENDING_TAKES - timedelta(seconds=1)
    await left_behind(office.operator, event, Sending(category=Category.HOURS, attempt=1, since=since))
    async with office.responder():
        await office.receive(event)
        assert await office.silence(event) == SuppressionReason.UNKNOWN_OUTCOME
        await office.receive_again(event)
        await office.settled()
        (alert,) = await office.published(AlertRaised)
    assert len(await office.outcomes(event)) == 1
    assert office.twilio.sends == []
    assert (alert.data.kind, alert.data.origin, alert.data.from_number) == (AlertKind.REPLY_UNKNOWN, "SM1", PATIENT)


async def test_died_before_staff_were_told_of_an_unknown_outcome_they_are_told(office: Office) -> None:
    event = patients_text("hours?", sid="SM1")
    unknown = outcomes.suppressed(event, Category.HOURS, SuppressionReason.UNKNOWN_OUTCOME, at=LONG_AGO)
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
    async with office.responder():
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
    refused = outcomes.suppressed(event, Category.HOURS, SuppressionReason.OPTED_OUT, at=LONG_AGO, code="21610")
    await left_behind(office.operator, event, Concluded(state="withheld", outcome=refused))
    async with office.responder():
        await office.receive(event)
        await office.outcome(event)
        question = await office.receive(patients_text("hours?", sid="2", provider="voipms"))
        assert await office.silence(question) == SuppressionReason.OPTED_OUT


async def test_no_answer_in_time_is_one_attempt_and_an_unknown_outcome(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responder.senders.http.TOTAL_SECONDS", 0.5)
    never = asyncio.Event()
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=never))
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        assert await office.silence(event) == SuppressionReason.UNKNOWN_OUTCOME
        await office.settled()
        assert [alert.data.kind for alert in await office.published(AlertRaised)] == [AlertKind.REPLY_UNKNOWN]
    never.set()
    assert len(office.twilio.sends) == 1


async def test_a_server_error_is_one_attempt_and_an_unknown_outcome(office: Office) -> None:
    office.twilio.refuse(503, 20503)
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        assert await office.silence(event) == SuppressionReason.UNKNOWN_OUTCOME
        await office.settled()
    assert len(office.twilio.sends) == 1


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
        await eventually(lambda: "cannot record how a reply ended" in log.read_text(), within=30)
        nats.start()
        outcome = await office.outcome(event, within=30)
    assert isinstance(outcome, SmsSent)
    assert len(office.twilio.sends) == 1
