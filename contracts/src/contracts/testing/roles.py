"""Who publishes and who consumes what, as the contracts have it."""

from collections.abc import Sequence

from contracts import topology
from contracts.registry import EVENTS, AnyEvent
from contracts.topology import CONSUMERS, Consumer


def consumers_of(event: type[AnyEvent], consumers: Sequence[Consumer] = CONSUMERS) -> set[str]:
    """The services that consume `event`."""
    return {consumer.service for consumer in topology.consumers_of(event.bus_subject, consumers)}


def consumed_by(service: str) -> tuple[type[AnyEvent], ...]:
    """The events that `service` consumes. Raises `LookupError` when it has no consumer."""
    known = sorted({consumer.service for consumer in CONSUMERS})
    if service not in known:
        raise LookupError(
            f"no service '{service}' consumes events: contracts.topology.CONSUMERS has {', '.join(known)}"
        )
    return tuple(event for event in EVENTS if service in consumers_of(event))


def produced_by(service: str) -> tuple[type[AnyEvent], ...]:
    """The events that `service` has the right to publish. Raises `LookupError` when there are none."""
    events = tuple(event for event in EVENTS if event.published_by == service)
    if not events:
        known = sorted({event.published_by for event in EVENTS})
        raise LookupError(f"no service '{service}' publishes events: those of the contracts are {', '.join(known)}")
    return events
