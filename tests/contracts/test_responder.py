"""The responder against the contracts: whatever text may come is handled, and what it publishes is allowed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.bus import Bus
from contracts.call import (
    CallDetailRecorded,
    CallDetailRecordedData,
    CallReceived,
    CallStatusChanged,
    CallTurnTaken,
)
from contracts.consent import ConsentChanged, ConsentState
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged, SmsSuppressed, SuppressionReason
from contracts.staff import AlertAcknowledged, AlertKind, AlertRaised, AppointmentRequested, CallbackRequested
from contracts.testing.examples import Example
from contracts.testing.plugin import MakeBus
from contracts.testing.recording_bus import RecordingBus
from contracts.testing.strategies import events_of
from contracts.topology import RESPONDER_TEXTS, consumers_of
from contracts.values import Direction
from responder.handling import Responder
from responder.practice.model import Practice
from responder.senders.port import Accepted, CannotTell, Listed, NotSent, Outcome
from support.backends import NatsServer
from support.contracts import connected, consumed, consuming, deliver, handled, of_unknown_type, produces, with_news
from support.desk import Desk, desk_on, postponed, practice_with
from support.events import NOON, text
from support.responder import responder_on

ACCEPTED = Accepted("SM77777777777777777777777777777777", "queued")


@dataclass(frozen=True)
class Provider:
    """Answers every send alike."""

    answer: Outcome = ACCEPTED

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        return self.answer

    async def sent(self, *, sender: str, recipient: str, since: datetime) -> tuple[Listed, ...] | CannotTell:
        return ()


class Accepting(Provider):
    """Accepts every text, each under an id of its own."""

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        return Accepted(f"SM{uuid4().hex}", "queued")


def responder(bus: Bus, published: RecordingBus, answer: Outcome = ACCEPTED) -> Responder:
    """The real one: its claims, ledger and budgets are on `bus`; what it publishes is not."""
    senders = dict.fromkeys(("twilio", "voipms"), Provider(answer))
    return responder_on(bus, senders, publish=published.publish, now=lambda: NOON)


def desk(bus: Bus, published: RecordingBus, practice: Practice | None = None) -> Desk:
    """All of it, an hour after the contracts' examples."""
    senders = {"twilio": Accepting(), "voipms": Accepting()}
    return desk_on(bus, senders, now=lambda: NOON, publish=published.publish, practice=practice)


@pytest.mark.contract_consumer("responder")
async def test_every_example_is_handled(
    nats: NatsServer, operator: Bus, recording_bus: MakeBus, contract_example: Example
) -> None:
    published = recording_bus("responder")
    (consumer,) = [one for one in consumers_of(contract_example.kind.bus_subject) if one.service == "responder"]
    async with consuming(nats, consumer, lambda bus: desk(bus, published).handler(consumer)):
        await deliver(operator, contract_example.kind, contract_example.body)
        await consumed(operator, consumer)
    if contract_example.kind is SmsReceived:
        (outcome,) = [event for event in published.events if isinstance(event, SmsSent | SmsSuppressed)]
        assert outcome.data.in_reply_to_event == contract_example.event.id


async def test_news_is_passed_over_and_counted(nats: NatsServer, operator: Bus, recording_bus: MakeBus) -> None:
    published, unknown = recording_bus("responder"), handled(RESPONDER_TEXTS, "unknown_type")
    async with consuming(nats, RESPONDER_TEXTS, lambda bus: responder(bus, published).handle):
        await deliver(operator, SmsReceived, of_unknown_type(SmsReceived), with_news(text().to_json()))
        await consumed(operator, RESPONDER_TEXTS)
    assert published.only(SmsSent).data.in_reply_to_event == text().id
    assert handled(RESPONDER_TEXTS, "unknown_type") == unknown + 1


@settings(max_examples=40, deadline=None)
@given(received=events_of(SmsReceived))
async def test_no_valid_text_is_too_strange(shared_nats: NatsServer, received: SmsReceived) -> None:
    published = RecordingBus("responder")
    async with connected(shared_nats, "responder") as bus:
        await responder(bus, published).handle(received)
    (outcome,) = [event for event in published.events if isinstance(event, SmsSent | SmsSuppressed)]
    assert outcome.data.in_reply_to_event == received.id


@settings(max_examples=40, deadline=None)
@given(report=events_of(SmsStatusChanged))
async def test_no_valid_delivery_report_is_too_strange(shared_nats: NatsServer, report: SmsStatusChanged) -> None:
    published = RecordingBus("responder")
    async with connected(shared_nats, "responder") as bus:
        await responder(bus, published).learning.delivery(report)
    assert {type(event) for event in published.events} <= {ConsentChanged}


@produces(SmsSent)
async def test_a_question_is_answered(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    async with connected(nats, "responder") as bus:
        await responder(bus, published).handle(text("What are your hours?", sid="SMhours"))
    assert published.only(SmsSent).data.category == "hours"


@produces(SmsSuppressed)
async def test_a_reply_that_the_provider_refuses_is_told(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    async with connected(nats, "responder") as bus:
        await responder(bus, published, NotSent("30006")).handle(text(sid="SMrefused"))
    assert published.only(SmsSuppressed).data.reason is SuppressionReason.REJECTED


@produces(ConsentChanged, SmsSuppressed)
async def test_an_opt_out_is_told(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    async with connected(nats, "responder") as bus:
        await responder(bus, published).handle(text("STOP", sid="SMstop"))
    assert published.only(ConsentChanged).data.state is ConsentState.OPTED_OUT


@produces(AlertRaised, SmsSent)
async def test_an_emergency_is_told(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    async with connected(nats, "responder") as bus:
        await responder(bus, published).handle(text("severe pain, this is an emergency", sid="SMpain"))
    assert published.only(AlertRaised).data.kind is AlertKind.EMERGENCY_TEXT


ABOUT_CALLS = st.one_of(
    *(events_of(kind) for kind in (CallReceived, CallStatusChanged, CallDetailRecorded, CallTurnTaken, RecordingReady))
)


@settings(max_examples=60, deadline=None)
@given(event=ABOUT_CALLS)
async def test_nothing_about_a_call_is_too_strange(shared_nats: NatsServer, event: AnyEvent) -> None:
    published = RecordingBus("responder")
    async with connected(shared_nats, "responder") as bus:
        await postponed(desk(bus, published).calls.handle(event))
    assert {type(event) for event in published.events} <= {NoticeWithheld, NoticeSent, AlertRaised}


@settings(max_examples=30, deadline=None)
@given(event=st.one_of(events_of(AlertRaised), events_of(AlertAcknowledged)))
async def test_no_valid_alert_is_too_strange(shared_nats: NatsServer, event: AnyEvent) -> None:
    published = RecordingBus("responder")
    async with connected(shared_nats, "responder") as bus:
        await postponed(desk(bus, published, practice_with(SOMEBODY)).paging.handle(event))
    assert {type(event) for event in published.events} <= {NoticeWithheld, NoticeSent}


@settings(max_examples=30, deadline=None)
@given(event=events_of(TranscriptionCompleted))
async def test_no_valid_transcript_is_too_strange(shared_nats: NatsServer, event: TranscriptionCompleted) -> None:
    published = RecordingBus("responder")
    async with connected(shared_nats, "responder") as bus:
        await postponed(desk(bus, published).spoken.transcript(event))
    assert {type(event) for event in published.events} <= {AlertRaised}


SOMEBODY = """
[[on_call.people]]
name = "Dr. Rivera"
number = "646-555-0123"
"""


@produces(AlertRaised, SmsSent, NoticeSent, AlertAcknowledged)
async def test_an_alert_and_who_takes_it_are_told(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    async with connected(nats, "responder") as bus:
        night = desk(bus, published, practice_with(SOMEBODY))
        await night.responder.handle(text("severe pain, this is an emergency", sid="SMpain"))
        assert await postponed(night.paging.handle(published.only(AlertRaised))) is not None
        await night.responder.handle(text("ACK", sid="SMack", sender="+16465550123"))
    assert published.only(AlertAcknowledged).data.by_number == "+16465550123"
    assert published.only(NoticeSent).data.cause == str(published.only(AlertRaised).id)


@produces(AppointmentRequested, CallbackRequested, SmsSent)
async def test_what_a_text_asks_of_staff_is_told(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    async with connected(nats, "responder") as bus:
        await desk(bus, published).responder.handle(text("Please call me to book an appointment", sid="SMbook"))
    assert published.only(AppointmentRequested).data.wish == "Please call me to book an appointment"
    assert published.only(CallbackRequested).data.number == "+12125550123"


@produces(NoticeWithheld)
async def test_a_missed_call_that_is_not_answered_by_a_text_is_told(nats: NatsServer, recording_bus: MakeBus) -> None:
    published = recording_bus("responder")
    data = CallDetailRecordedData(
        provider="voipms",
        call_sid="128238059",
        direction=Direction.INBOUND,
        status="no-answer",
        from_number="+12125550123",
        to_number="+12125550100",
        metadata={},
    )
    async with connected(nats, "responder") as bus:
        await desk(bus, published).calls.handle(CallDetailRecorded.of(data, time=NOON - timedelta(minutes=5)))
    assert published.only(NoticeWithheld).data.reason is SuppressionReason.SWITCHED_OFF
