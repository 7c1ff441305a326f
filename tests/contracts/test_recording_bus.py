"""The kit's bus takes what the contracts allow, and nothing else, whatever a service does about it."""

from datetime import timedelta
from typing import Any, ClassVar, Literal
from uuid import UUID

import pytest
from hypothesis import given

from contracts.consent import ConsentChanged
from contracts.envelope import Event, EventData, Service
from contracts.examples import EXAMPLES, examples_of
from contracts.recording import TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent
from contracts.testing.recording_bus import ContractBroken, RecordingBus
from contracts.testing.strategies import events
from support.events import NOON, text


class PagerBeepedData(EventData):
    """Nobody agreed on this."""

    def identity(self) -> tuple[str, str, str]:
        return "pager", "1", "beeped"


class PagerBeeped(Event[PagerBeepedData]):
    """Nobody agreed on this."""

    bus_subject: ClassVar[str] = "events.pager.beeped"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.pager.beeped.v1"] = "frontdesk.pager.beeped.v1"


def with_data(event: AnyEvent, **changes: Any) -> AnyEvent:
    """The event with data that was never validated, as `model_copy` makes it."""
    return event.model_copy(update={"data": event.data.model_copy(update=changes)})


(SPOKEN,) = [e for e in examples_of(TranscriptionCompleted) if e.data.segments]

BROKEN: dict[str, tuple[str, AnyEvent, str]] = {
    "an event nobody agreed on": (
        "gateway",
        PagerBeeped.of(PagerBeepedData(provider="twilio"), time=NOON),
        "no event of the contracts",
    ),
    "an event of somebody else": ("responder", text(), "only gateway may publish it"),
    "a field of the wrong type": ("gateway", with_data(text(), from_number=12125550123), r"data\.from_number"),
    "a text over the limit": ("gateway", with_data(text(), message="x" * 20_001), r"data\.message"),
    "a required field left out": ("gateway", with_data(text(), to_number=None), r"data\.to_number"),
    "a time without a zone": ("gateway", text().model_copy(update={"time": NOON.replace(tzinfo=None)}), "time"),
    "an id that a repeat would not have": ("gateway", text().model_copy(update={"id": UUID(int=7)}), "id not as"),
    "another fact than its id says": ("gateway", with_data(text(), message_sid="SM2"), "id, subject not as"),
    "somebody else's name": ("gateway", text().model_copy(update={"source": "/frontdesk/recorder"}), "source not as"),
    "a number that JSON lacks": ("transcriber", with_data(SPOKEN, audio_seconds=float("inf")), "something else"),
    "more than a message holds": ("transcriber", with_data(SPOKEN, transcription_text="x" * 900_001), "bytes"),
}


@pytest.mark.parametrize(("service", "event", "complaint"), BROKEN.values(), ids=BROKEN)
async def test_what_breaks_the_contracts_is_refused_by_name(service: str, event: AnyEvent, complaint: str) -> None:
    bus = RecordingBus(service)
    with pytest.raises(ContractBroken, match=f"{service} published {type(event).__name__}: .*{complaint}"):
        await bus.publish(event)


async def test_a_service_cannot_hide_what_it_published() -> None:
    bus = RecordingBus("responder")
    with pytest.raises(ContractBroken):
        await bus.publish(text())
    await bus.publish(examples_of(SmsSent)[0])
    for question in (bus.check, lambda: bus.events, lambda: bus.kinds, lambda: bus.only(SmsSent)):
        with pytest.raises(ContractBroken, match="only gateway"):
            question()


async def test_a_complaint_repeats_no_value() -> None:
    with pytest.raises(ContractBroken) as refused:
        await RecordingBus("gateway").publish(with_data(text("my tooth"), from_number=["+12125550123"]))
    assert "tooth" not in str(refused.value)
    assert "2125550123" not in str(refused.value)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
async def test_every_example_is_taken_from_who_may_publish_it(example: AnyEvent) -> None:
    bus = RecordingBus(example.published_by)
    await bus.publish(example, deadline=30)
    assert bus.events == (example,)


@given(event=events())
async def test_everything_the_strategies_draw_is_valid(event: AnyEvent) -> None:
    await RecordingBus(event.published_by).publish(event)


async def test_bytes_are_taken_from_a_service_in_another_language() -> None:
    bus = RecordingBus("gateway")
    await bus.take("events.sms.received", text().to_json())
    assert bus.only(SmsReceived) == text()


@pytest.mark.parametrize(
    ("subject", "body", "complaint"),
    [
        ("events.sms.received", b"{}", "not a CloudEvents"),
        ("events.fax.received", b'{"specversion":"1.0","type":"frontdesk.fax.received.v1"}', "no event of the"),
        ("events.sms.sent", text().to_json(), "on events.sms.sent instead of events.sms.received"),
        ("events.sms.sent", examples_of(SmsSent)[0].to_json(), "only responder may publish it"),
        ("events.sms.received", text().to_json().replace(b"/frontdesk/gateway", b"/elsewhere"), "source not as"),
    ],
)
async def test_bytes_that_break_the_contracts_are_refused(subject: str, body: bytes, complaint: str) -> None:
    bus = RecordingBus("gateway")
    with pytest.raises(ContractBroken, match=complaint):
        await bus.take(subject, body)
    with pytest.raises(ContractBroken):
        bus.check()


async def test_questions_are_answered_by_kind() -> None:
    bus, one, two = RecordingBus("gateway"), text(sid="SM1"), text(sid="SM2")
    later = SmsReceived.of(one.data, time=NOON + timedelta(seconds=1))
    for event in (one, later):
        await bus.publish(event)
    assert bus.only(SmsReceived) == one, "a repeat is the same event"
    await bus.publish(two)
    assert bus.published(SmsReceived) == [one, later, two]
    assert bus.kinds == {SmsReceived}
    assert bus.published(ConsentChanged) == []
    with pytest.raises(AssertionError, match="2 × SmsReceived published instead of 1"):
        bus.only(SmsReceived)
    with pytest.raises(AssertionError, match=r"0 × ConsentChanged .* published was: SmsReceived"):
        bus.only(ConsentChanged)


def test_who_publishes_nothing_has_no_bus() -> None:
    with pytest.raises(LookupError, match=r"no service 'recorder' publishes .* gateway, responder, transcriber"):
        RecordingBus("recorder")
