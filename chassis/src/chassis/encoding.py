"""Events as bytes for the bus, and the one way an event may never get onto it: `chassis.bus` hands all of it on."""

import re
from typing import NamedTuple

from chassis.metrics import PUBLISH_FAILED
from contracts import InvalidEvent, UnknownEvent, decode_event
from contracts.registry import AnyEvent

_TRACEPARENT = re.compile(rb'"traceparent":"([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"')


class PublishRejected(Exception):
    """The bus will never take this event (not valid, too large): a defect to be looked at, not an outage."""


class Encoded(NamedTuple):
    """A valid event as the bus takes it; the bus drops a repeated `id`. A tuple: one is made for every webhook."""

    id: str
    subject: str
    body: bytes

    @property
    def traceparent(self) -> str | None:
        """The envelope's, found without reading the event again."""
        found = _TRACEPARENT.search(self.body)
        return found[1].decode() if found else None


def encode(event: AnyEvent) -> Encoded:
    """The event's bytes, read once more as a consumer will: what was changed after it was made may not be valid.

    Raises `PublishRejected` when no consumer would take it.
    """
    body = event.to_json()
    try:
        known = decode_event(body)
    except InvalidEvent as error:
        PUBLISH_FAILED.labels("invalid").inc()
        raise PublishRejected(f"not a valid event: {error}") from error
    if isinstance(known, UnknownEvent):
        PUBLISH_FAILED.labels("invalid").inc()
        raise PublishRejected(f"not an event of the contracts: {known.type}")
    return Encoded(str(event.id), event.bus_subject, body)
