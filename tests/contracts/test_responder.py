"""The responder against the contracts: whatever text may come is handled, and what it publishes is allowed."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings

from chassis.bus import Bus
from contracts.consent import ConsentChanged, ConsentState
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed, SuppressionReason
from contracts.staff import AlertKind, AlertRaised
from contracts.testing.examples import Example
from contracts.testing.plugin import MakeBus
from contracts.testing.recording_bus import RecordingBus
from contracts.testing.strategies import events_of
from contracts.topology import CONSENT, REPLIES, RESPONDER_TEXTS
from responder.claims import Claims
from responder.consent import Ledger
from responder.decision import House
from responder.handling import Responder
from responder.senders.port import Accepted, NotSent, Outcome, Sender
from responder.store import Store
from support.backends import NatsServer
from support.contracts import connected, consumed, consuming, deliver, handled, of_unknown_type, produces, with_news
from support.events import NOON, text
from support.responder import the_practice

ACCEPTED = Accepted("SM77777777777777777777777777777777", "queued")


@dataclass(frozen=True)
class Provider:
    """Answers every send alike."""

    answer: Outcome = ACCEPTED

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        return self.answer


def responder(bus: Bus, published: RecordingBus, answer: Outcome = ACCEPTED) -> Responder:
    """The real one: its claims and its ledger are on `bus`; what it publishes is not."""
    practice = the_practice()
    senders: Mapping[str, Sender] = dict.fromkeys(("twilio", "voipms"), Provider(answer))
    house = House(practice, practice.own_numbers(), frozenset(senders))
    claims, ledger = Claims(Store(bus, REPLIES)), Ledger(Store(bus, CONSENT))
    return Responder(house, senders, claims, ledger, published.publish, now=lambda: NOON)


@pytest.mark.contract_consumer("responder")
async def test_every_example_is_handled(
    nats: NatsServer, operator: Bus, recording_bus: MakeBus, contract_example: Example
) -> None:
    published = recording_bus("responder")
    async with consuming(nats, RESPONDER_TEXTS, lambda bus: responder(bus, published).handle):
        await deliver(operator, contract_example.kind, contract_example.body)
        await consumed(operator, RESPONDER_TEXTS)
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
