"""The kit's strategies reach what is realistic, what is nasty, and the limits."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import pytest
from hypothesis import Phase, given, settings
from pydantic import BaseModel

from contracts import EVENTS
from contracts.call import CallDetailRecorded
from contracts.recording import TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent
from contracts.testing.drawing import values
from contracts.testing.strategies import events, events_of
from contracts.values import Category

REACHED: dict[str, tuple[type[AnyEvent], Callable[[Any], bool]]] = {
    "an American number": (SmsReceived, lambda e: e.data.from_number == "+12125550123"),
    "no number at all": (SmsReceived, lambda e: e.data.from_number == "anonymous"),
    "an empty text": (SmsReceived, lambda e: e.data.message == ""),
    "the longest text": (SmsReceived, lambda e: len(e.data.message) == 20_000),
    "a NUL": (SmsReceived, lambda e: "\0" in e.data.message),
    "an emoji": (SmsReceived, lambda e: "☺" in e.data.message),
    "a file": (SmsReceived, lambda e: len(e.data.media) > 1),
    "metadata": (SmsReceived, lambda e: len(e.data.metadata) > 1),
    "no receipt": (SmsReceived, lambda e: e.recordedtime is None),
    "a receipt": (SmsReceived, lambda e: e.recordedtime is not None),
    "a trace": (SmsReceived, lambda e: e.traceparent is not None),
    "a known category": (SmsSent, lambda e: isinstance(e.data.category, Category)),
    "a category of tomorrow": (SmsSent, lambda e: not isinstance(e.data.category, Category)),
    "a refund": (CallDetailRecorded, lambda e: e.data.price is not None and e.data.price.startswith("-")),
    "no duration": (CallDetailRecorded, lambda e: e.data.duration is None),
    "no second": (CallDetailRecorded, lambda e: e.data.duration == 0),
    "sixty-eight years": (CallDetailRecorded, lambda e: e.data.duration == 2**31 - 1),
    "certainty": (TranscriptionCompleted, lambda e: e.data.confidence == 1),
}


@cache
def drawn(kind: type[AnyEvent] | None) -> list[AnyEvent]:
    """The same few hundred events in every run."""
    found: list[AnyEvent] = []

    @settings(max_examples=800, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(events_of(kind) if kind else events())
    def collect(event: AnyEvent) -> None:
        found.append(event)

    collect()
    return found


@pytest.mark.parametrize(("kind", "reached"), REACHED.values(), ids=REACHED)
def test_it_is_reached(kind: type[AnyEvent], reached: Callable[[Any], bool]) -> None:
    assert any(reached(event) for event in drawn(kind))


def test_every_event_is_drawn() -> None:
    assert {type(event) for event in drawn(None)} == set(EVENTS)


def test_an_annotation_nobody_taught_it_is_named() -> None:
    with pytest.raises(TypeError, match=r"cannot draw .*complex"):
        values(Annotated[complex, "of a new event"])
    with pytest.raises(TypeError, match=r"cannot draw .*bytes"):
        values(type("Scan", (BaseModel,), {"__annotations__": {"page": bytes}}))
