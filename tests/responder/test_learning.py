"""What delivery reports say about numbers: opt-outs that only a provider knows of, and lines that take no texts."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.bus import Bus
from contracts.consent import ConsentChanged, ConsentSource, ConsentState
from contracts.sms import SmsSent, SmsStatusChanged, SmsStatusChangedData, SuppressionReason
from contracts.topology import CONSENT, RESPONDER_DELIVERIES
from responder.consent.lines import REMEMBERED, Lines, Refusal
from responder.senders.port import Meaning
from responder.store import Store
from support.consumers import settled
from support.events import NOON
from support.responder import PATIENT, TWILIO_NUMBER, Office, patients_text
from support.waiting import eventually


def report(code: str | None, *, sid: str = "SM9", status: str = "undelivered", **changes: Any) -> SmsStatusChanged:
    numbers = {"from_number": TWILIO_NUMBER, "to_number": PATIENT}
    fields: dict[str, Any] = {
        "provider": "twilio",
        "message_sid": sid,
        "status": status,
        "error_code": code,
        "metadata": {},
    }
    return SmsStatusChanged.of(SmsStatusChangedData(**(fields | numbers | changes)), time=NOON)


async def reported(office: Office, *events: SmsStatusChanged) -> None:
    """Publish reports and wait until all were taken in."""
    for event in events:
        await office.operator.publish(event)
    await eventually(lambda: settled(office.operator, RESPONDER_DELIVERIES))


async def test_an_opt_out_in_a_delivery_report_counts_at_every_provider_and_is_told_once(office: Office) -> None:
    async with office.responder():
        await reported(office, report("21610"), report("21610", sid="SM10"), report("30003", sid="SM11"))
        question = await office.receive(patients_text("what are your hours", sid="1", provider="voipms"))
        assert await office.silence(question) == SuppressionReason.OPTED_OUT
        (change,) = await office.published(ConsentChanged)
    assert (change.data.number, change.data.state) == (PATIENT, ConsentState.OPTED_OUT)
    assert (change.data.message_sid, change.data.learned_from) == ("SM9", ConsentSource.PROVIDER)


async def test_start_after_the_report_opts_in_again(office: Office) -> None:
    async with office.responder():
        await reported(office, report("21610"))
        await office.outcome(await office.receive(patients_text("START", sid="1", provider="voipms")))
        question = await office.receive(patients_text("what are your hours", sid="2", provider="voipms"))
        assert isinstance(await office.outcome(question), SmsSent)


async def test_a_sentence_opts_out_is_confirmed_once_and_told_as_such(office: Office) -> None:
    async with office.responder():
        wish = await office.receive(patients_text("please stop texting me", sid="SM1"))
        assert isinstance(await office.outcome(wish), SmsSent)
        again = await office.receive(patients_text("I said stop texting me", sid="SM2"))
        assert await office.silence(again) == SuppressionReason.ALREADY_CONFIRMED
        (change,) = await office.published(ConsentChanged)
    assert change.data.learned_from == ConsentSource.SENTENCE
    assert len(office.twilio.sends) == 1


@pytest.mark.parametrize(
    ("code", "meaning"),
    [("30006", Meaning.NO_TEXTS), ("30005", Meaning.NO_TEXTS), ("30003", Meaning.UNREACHABLE), ("30007", None)],
)
async def test_a_report_tells_of_a_line(office: Office, code: str, meaning: Meaning | None) -> None:
    async with office.responder():
        await reported(office, report(code), report(None, sid="SM10", status="delivered"))
    refusal = await Lines(Store(office.operator, CONSENT)).refusal(PATIENT, NOON)
    assert (refusal.meaning if refusal else None) is meaning


async def test_a_refusal_of_a_reply_tells_of_a_line_too(office: Office) -> None:
    office.twilio.refuse(400, 21614)
    async with office.responder():
        outcome = await office.outcome(await office.receive(patients_text("hours?", sid="SM1")))
        await office.settled()
    refusal = await Lines(Store(office.operator, CONSENT)).refusal(PATIENT, outcome.time)
    assert refusal is not None
    assert (refusal.meaning, refusal.code) == (Meaning.NO_TEXTS, "21614")


async def test_a_refusal_is_forgotten_in_time_and_a_lasting_one_is_not_replaced_by_a_passing_one(operator: Bus) -> None:
    lines = Lines(Store(operator, CONSENT))
    lasting = Refusal(meaning=Meaning.NO_TEXTS, code="30006", at=NOON)
    passing = Refusal(meaning=Meaning.UNREACHABLE, code="30003", at=NOON + timedelta(hours=1))
    await asyncio.gather(lines.remember(PATIENT, lasting), lines.remember(PATIENT, passing))
    assert await lines.refusal(PATIENT, NOON + timedelta(days=2)) == lasting
    assert await lines.refusal(PATIENT, NOON + REMEMBERED[Meaning.NO_TEXTS]) is None
    assert await lines.refusal("+12125550199", NOON) is None


async def test_reports_without_a_number_or_of_other_providers_teach_nothing(office: Office) -> None:
    async with office.responder():
        await reported(office, report("21610", to_number=None), report("21610", sid="2", provider="voipms"))
        assert await office.published(ConsentChanged) == []
