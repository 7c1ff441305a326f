"""From a patient's text over people's phones to somebody who takes it: the whole responder, also when it is killed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.notice import NoticeSent
from contracts.sms import SmsReceived
from contracts.staff import AlertAcknowledged, AlertKind, AlertRaised, AlertRaisedData
from contracts.topology import EVENTS, NOTICES, RESPONDER_ALERTS
from contracts.values import Category
from responder.alerts.escalation import Escalation
from responder.store import Store
from support.contracts import handled
from support.provider_rest import Answer
from support.responder import PATIENT, PRACTICE, TWILIO_NUMBER, VOIPMS_NUMBER, Office, patients_text, reply_to
from support.waiting import eventually

RIVERA, KIM = "+16465550123", "+16465550124"
ON_CALL = """
[[on_call.people]]
name = "Dr. Rivera"
number = "646-555-0123"

[[on_call.people]]
name = "Kim"
number = "646-555-0124"
"""


def practice_file(folder: Path) -> Path:
    """The repository's practice with two people on call."""
    file = folder / "practice.toml"
    file.write_text(PRACTICE.read_text() + ON_CALL)
    return file


def emergency(sid: str = "SM1") -> SmsReceived:
    return patients_text("my crown is out and it hurts so much, it's an emergency", sid=sid)


async def rewind(office: Office, alert: AlertRaised, by: timedelta) -> None:
    """As if the steps so far had been taken that much earlier."""
    store = Store(office.operator, NOTICES)
    stored = await store.get(f"alert.{alert.id}")
    assert stored is not None
    known = Escalation.model_validate_json(stored.value)
    steps = tuple(step.model_copy(update={"at": step.at - by}) for step in known.steps)
    earlier = known.model_copy(update={"steps": steps})
    await store.put(f"alert.{alert.id}", earlier.model_dump_json().encode(), stored.revision)


async def only_alert(office: Office) -> AlertRaised:
    (alert,) = await eventually(lambda: office.published(AlertRaised))
    assert isinstance(alert, AlertRaised)
    return alert


def told(office: Office) -> list[str]:
    """Who was texted by Twilio, patients aside."""
    return [sent["To"] for sent in office.twilio.sends if sent["To"] != PATIENT]


async def test_an_emergency_reaches_somebody_who_takes_it(office: Office, tmp_path: Path) -> None:
    put_off = handled(RESPONDER_ALERTS, "postponed")
    async with office.responder(practice_file=practice_file(tmp_path)):
        outcome = await office.outcome(await office.receive(emergency()))
        assert outcome.data.message == reply_to(Category.EMERGENCY)
        await eventually(lambda: told(office) == [RIVERA])
        await eventually(lambda: office.published(NoticeSent))
        await eventually(lambda: handled(RESPONDER_ALERTS, "postponed") == put_off + 1)
        ack = await office.receive(patients_text("ok", sid="1", provider="voipms", sender=RIVERA))
        assert (await office.outcome(ack)).data.message.startswith("Thank you. You look after +12125550123.")
        (taken,) = await office.published(AlertAcknowledged)
        assert taken.data.alert == (await only_alert(office)).id
    assert [(sent["dst"], sent["did"]) for sent in office.voipms.sends] == [(RIVERA[2:], VOIPMS_NUMBER[2:])]


async def test_killed_while_telling_somebody_and_between_the_steps_it_tells_nobody_twice(
    office: Office, tmp_path: Path
) -> None:
    config = (await office.operator.js.consumer_info(EVENTS.name, RESPONDER_ALERTS.name)).config
    await office.operator.js.add_consumer(EVENTS.name, config.evolve(ack_wait=2))
    practice, log, never = str(practice_file(tmp_path)), tmp_path / "responder.log", asyncio.Event()
    alert = await raised(office)
    office.twilio.answers.append(Answer(201, {"sid": "SM77", "status": "queued"}, after=never))
    with office.responder_process(log, PRACTICE_FILE=practice) as process:
        await eventually(lambda: told(office) == [RIVERA], within=30)
        process.kill()
        process.wait()
    never.set()
    with office.responder_process(log, PRACTICE_FILE=practice) as process:
        await eventually(lambda: notices(office), within=30)
        assert told(office) == [RIVERA]
        process.kill()
        process.wait()
    await rewind(office, alert, timedelta(minutes=5))
    await office.operator.js.publish(alert.bus_subject, alert.to_json(), stream=EVENTS.name)
    with office.responder_process(log, PRACTICE_FILE=practice):
        sent = await eventually(lambda: notices(office, at_least=2), within=30)
    assert sent == [(RIVERA, 1), (KIM, 1)]
    assert told(office) == [RIVERA, KIM]
    assert RIVERA[2:] not in log.read_text()


async def raised(office: Office) -> AlertRaised:
    """An alert that is raised now."""
    data = AlertRaisedData(
        provider="twilio",
        kind=AlertKind.EMERGENCY_VOICEMAIL,
        origin="RE1",
        from_number=PATIENT,
        to_number=TWILIO_NUMBER,
    )
    alert = AlertRaised.of(data, time=datetime.now(UTC))
    await office.operator.publish(alert)
    return alert


async def notices(office: Office, *, at_least: int = 1) -> list[tuple[str, int]]:
    """Who was told, and how often by then; each step once, as it may be told of again."""
    sent = {event.id: event for event in await office.published(NoticeSent)}.values()
    assert len(sent) >= at_least
    return [(event.data.to_number, event.data.step) for event in sent]
