"""Hypothesis strategies for valid events: unicode, empty and long texts, odd numbers, fields absent and present."""

from typing import Any, TypeVar, get_type_hints

from hypothesis import strategies as st

from contracts.registry import EVENTS, AnyEvent
from contracts.testing.drawing import models, moments, values
from contracts.topology import EVENTS as STREAM

EventT = TypeVar("EventT", bound=AnyEvent)


def events() -> st.SearchStrategy[AnyEvent]:
    """Any valid event."""
    return st.one_of([events_of(kind) for kind in EVENTS])


def events_of(kind: type[EventT]) -> st.SearchStrategy[EventT]:
    """Any valid event of one kind that fits into a message."""
    drawn = st.builds(
        kind.of,
        models(_data_of(kind)),
        time=moments(),
        recorded=st.none() | moments(),
        traceparent=values(get_type_hints(kind, include_extras=True)["traceparent"]),
    )
    return drawn.filter(lambda event: len(event.to_json()) <= STREAM.max_msg_size)


def _data_of(kind: type[AnyEvent]) -> type[Any]:
    data = kind.model_fields["data"].annotation
    assert isinstance(data, type)
    return data
