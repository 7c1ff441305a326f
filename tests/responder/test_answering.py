"""Texts in, replies and outcomes out: the whole responder with real NATS and real HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from contracts.consent import ConsentChanged, ConsentState
from contracts.sms import SmsSent, SuppressionReason
from contracts.staff import AlertKind, AlertRaised
from contracts.values import Category
from support.responder import NUMBERS, PATIENT, PRACTICE, TWILIO_NUMBER, VOIPMS_NUMBER, Office, patients_text, reply_to
from support.waiting import eventually

QUESTIONS = {
    Category.APPOINTMENT: "Hi, can I book a cleaning?",
    Category.EMERGENCY: "my gum is bleeding",
    Category.HOURS: "What are your hours?",
    Category.LOCATION: "what's your address",
    Category.INSURANCE: "Do you accept Aetna?",
    Category.NONE: "Thank you!!",
}


def patient(of: str) -> str:
    """A patient of its own: nobody gets the same answer twice in an hour."""
    return f"+1212556{sum(map(ord, of)):04}"


async def test_each_category_gets_its_reply_from_the_number_that_was_texted_by_the_provider_that_was_texted(
    office: Office,
) -> None:
    async with office.responder():
        for provider in NUMBERS:
            for category, question in QUESTIONS.items():
                sid = f"{provider}-{category}"
                event = await office.receive(patients_text(question, sid=sid, provider=provider, sender=patient(sid)))
                outcome = await office.outcome(event)
                assert isinstance(outcome, SmsSent)
                assert (outcome.data.category, outcome.data.message) == (category, reply_to(category))
                assert (outcome.data.from_number, outcome.data.to_number) == (NUMBERS[provider], patient(sid))
    assert [(sent["From"], sent["To"], sent["Body"]) for sent in office.twilio.sends] == [
        (TWILIO_NUMBER, patient(f"twilio-{category}"), reply_to(category)) for category in QUESTIONS
    ]
    assert [(sent["did"], sent["dst"], sent["message"]) for sent in office.voipms.sends] == [
        (VOIPMS_NUMBER[2:], patient(f"voipms-{category}")[2:], reply_to(category)) for category in QUESTIONS
    ]
    assert {sent["StatusCallback"] for sent in office.twilio.sends} == {
        "https://front.example/webhooks/twilio/sms/status"
    }


async def test_a_sent_reply_tells_what_it_answers_and_stays_in_the_trace(office: Office) -> None:
    asked = patients_text("when do you open", sid="SM1").model_copy(
        update={"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    )
    async with office.responder():
        await office.receive(asked)
        outcome = await office.outcome(asked)
    assert outcome.data.message_sid == f"SM{1:032x}"
    assert outcome.data.status == "queued"
    assert (outcome.data.in_reply_to, outcome.data.in_reply_to_provider) == ("SM1", "twilio")
    assert outcome.traceparent is not None
    assert outcome.traceparent.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert outcome.traceparent != asked.traceparent


async def test_an_emergency_that_also_asks_for_an_appointment_is_an_emergency_and_alerts_staff(office: Office) -> None:
    async with office.responder():
        event = await office.receive(patients_text("Can I get an appointment? I'm in a lot of PAIN", sid="SM1"))
        outcome = await office.outcome(event)
        alerts = await office.published(AlertRaised)
    assert outcome.data.message == reply_to(Category.EMERGENCY)
    assert [(alert.data.kind, alert.data.origin, alert.data.from_number) for alert in alerts] == [
        (AlertKind.EMERGENCY_TEXT, "SM1", PATIENT)
    ]


async def test_who_said_stop_gets_no_answer_by_any_provider_until_start(office: Office) -> None:
    async with office.responder():
        stop = await office.receive(patients_text("STOP", sid="1", provider="voipms"))
        assert (await office.outcome(stop)).data.message == reply_to(Category.OPT_OUT)

        for provider in NUMBERS:
            question = await office.receive(patients_text("what are your hours", sid="2", provider=provider))
            assert await office.silence(question) == SuppressionReason.OPTED_OUT
        emergency = await office.receive(patients_text("this is an emergency", sid="3"))
        assert await office.silence(emergency) == SuppressionReason.OPTED_OUT
        assert len(await office.published(AlertRaised)) == 1

        again = await office.receive(patients_text("stop.", sid="4", provider="voipms"))
        assert await office.silence(again) == SuppressionReason.ALREADY_CONFIRMED

        start = await office.receive(patients_text("START", sid="5", provider="twilio"))
        assert await office.silence(start) == SuppressionReason.PROVIDER_ANSWERS
        question = await office.receive(patients_text("what are your hours", sid="6", provider="voipms"))
        assert isinstance(await office.outcome(question), SmsSent)
        changes = await office.published(ConsentChanged)
    assert [(change.data.state, change.data.message_sid, change.data.number) for change in changes] == [
        (ConsentState.OPTED_OUT, "1", PATIENT),
        (ConsentState.OPTED_IN, "5", PATIENT),
    ]
    assert len(office.voipms.sends) == 2
    assert office.twilio.sends == []


async def test_words_that_arrive_out_of_order_leave_the_newest_standing(office: Office) -> None:
    now = datetime.now(UTC)
    async with office.responder():
        start = await office.receive(patients_text("START", sid="2", provider="voipms", at=now))
        assert await office.silence(start) == SuppressionReason.ALREADY_CONFIRMED
        older = patients_text("STOP", sid="1", provider="voipms", at=now - timedelta(minutes=1))
        await office.receive(older)
        assert await office.silence(older) == SuppressionReason.ALREADY_CONFIRMED
        question = await office.receive(patients_text("what are your hours", sid="3", provider="voipms"))
        assert isinstance(await office.outcome(question), SmsSent)


async def test_yes_opts_in_only_who_is_opted_out(office: Office) -> None:
    async with office.responder():
        ordinary = await office.receive(patients_text("Yes!", sid="1", provider="voipms"))
        assert (await office.outcome(ordinary)).data.category == Category.NONE
        await office.outcome(await office.receive(patients_text("unsubscribe", sid="2", provider="voipms")))
        back = await office.receive(patients_text("yes", sid="3", provider="voipms"))
        assert (await office.outcome(back)).data.message == reply_to(Category.OPT_IN)


async def test_stops_at_the_same_moment_are_confirmed_once(office: Office) -> None:
    stops = [patients_text("STOP", sid=f"{number}", provider="voipms") for number in range(4)]
    async with office.responder():
        await asyncio.gather(*(office.receive(stop) for stop in stops))
        outcomes = [await office.outcome(stop) for stop in stops]
    assert len(office.voipms.sends) == 1
    assert sum(isinstance(outcome, SmsSent) for outcome in outcomes) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sender": "72345"}, SuppressionReason.NOT_A_PHONE),
        ({"sender": TWILIO_NUMBER, "to": VOIPMS_NUMBER}, SuppressionReason.OWN_NUMBER),
        ({"at": datetime.now(UTC) - timedelta(hours=25)}, SuppressionReason.TOO_OLD),
    ],
)
async def test_texts_that_nobody_should_answer_are_answered_by_nobody(
    office: Office, changes: dict[str, Any], reason: SuppressionReason
) -> None:
    async with office.responder():
        event = await office.receive(patients_text("what are your hours", sid="SM1", **changes))
        assert await office.silence(event) == reason
    assert office.twilio.sends == []


async def test_without_credentials_of_a_provider_its_texts_stay_unanswered_and_alerts_are_raised(
    office: Office,
) -> None:
    async with office.responder(twilio_account_sid=None):
        event = await office.receive(patients_text("it is urgent", sid="SM1"))
        assert await office.silence(event) == SuppressionReason.NO_SENDER
        assert len(await office.published(AlertRaised)) == 1
    assert office.twilio.sends == []


async def test_a_busy_provider_is_asked_again_and_sends_one_text(office: Office) -> None:
    office.twilio.refuse(429, 20429)
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        assert isinstance(await office.outcome(event), SmsSent)
        await office.settled()
    assert len(office.twilio.sends) == 2


async def test_stop_between_two_attempts_is_obeyed(office: Office) -> None:
    office.twilio.refuse(429, 20429)
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        await eventually(lambda: office.twilio.sends)
        stop = await office.receive(patients_text("STOP", sid="SM2"))
        await office.outcome(stop)
        assert await office.silence(event) == SuppressionReason.OPTED_OUT
    assert len(office.twilio.sends) == 1


async def test_a_refusal_for_good_reaches_staff_with_its_code(office: Office) -> None:
    office.twilio.refuse(400, 21614)
    labels = {"provider": "twilio", "category": "hours", "outcome": "rejected"}
    before = REGISTRY.get_sample_value("frontdesk_replies_total", labels) or 0
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        outcome = await office.outcome(event)
    assert (outcome.data.reason, outcome.data.error_code) == (SuppressionReason.REJECTED, "21614")
    assert len(office.twilio.sends) == 1
    assert REGISTRY.get_sample_value("frontdesk_replies_total", labels) == before + 1


async def test_an_opt_out_that_only_twilio_knew_of_is_learnt_and_counts_everywhere(office: Office) -> None:
    office.twilio.refuse(400, 21610)
    async with office.responder():
        event = await office.receive(patients_text("hours?", sid="SM1"))
        outcome = await office.outcome(event)
        assert (outcome.data.reason, outcome.data.error_code) == (SuppressionReason.OPTED_OUT, "21610")
        question = await office.receive(patients_text("hours?", sid="2", provider="voipms"))
        assert await office.silence(question) == SuppressionReason.OPTED_OUT
        changes = await office.published(ConsentChanged)
    assert [(change.data.state, change.data.message_sid) for change in changes] == [(ConsentState.OPTED_OUT, "SM1")]


async def test_the_practice_file_decides_what_is_said(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(PRACTICE.read_text().replace("Bright Harbor Dental", "Quiet Cove Dental"))
    async with office.responder(practice_file=file):
        event = await office.receive(patients_text("hours?", sid="SM1"))
        assert (await office.outcome(event)).data.message.startswith("Quiet Cove Dental")
