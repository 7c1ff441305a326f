"""A bus that remembers what a service publishes, and takes nothing that the contracts do not allow."""

import warnings
from typing import NoReturn, TypeVar

from contracts.registry import EVENTS, AnyEvent, InvalidEvent, UnknownEvent, decode_event
from contracts.testing.roles import produced_by
from contracts.topology import EVENTS as STREAM

EventT = TypeVar("EventT", bound=AnyEvent)


class ContractBroken(AssertionError):
    """A service published what it must not. The message names fields, never their values."""


class RecordingBus:
    """Stands where a service's real bus would: `await bus.publish(event)`.

    A service may catch what `publish` raises and carry on, so every question asked afterwards raises it again.
    """

    def __init__(self, service: str) -> None:
        """Raises `LookupError` when `service` publishes nothing."""
        produced_by(service)
        self.service = service
        self._events: list[AnyEvent] = []
        self._broken: list[ContractBroken] = []

    async def publish(self, event: AnyEvent, *, deadline: float = 2.0) -> None:
        """Remember an event. Raises `ContractBroken`. `deadline` is the real bus's: nothing here takes time."""
        problem = _problem(event, self.service)
        if problem:
            self._refuse(f"{type(event).__name__}: {problem}")
        self._events.append(event)

    async def take(self, subject: str, body: bytes) -> None:
        """Remember what a service, in whatever language, put on the bus as bytes. Raises `ContractBroken`."""
        try:
            event = decode_event(body)
        except InvalidEvent as error:
            self._refuse(f"on {subject}: {error}")
        if isinstance(event, UnknownEvent):
            self._refuse(f"on {subject}: {event.type}, which is no event of the contracts")
        if subject != event.bus_subject:
            self._refuse(f"{type(event).__name__} on {subject} instead of {event.bus_subject}")
        await self.publish(event)

    def _refuse(self, what: str) -> NoReturn:
        self._broken.append(ContractBroken(f"{self.service} published {what}"))
        raise self._broken[-1]

    def check(self) -> None:
        """Raise the first `ContractBroken` there was, if any."""
        if self._broken:
            raise self._broken[0]

    @property
    def events(self) -> tuple[AnyEvent, ...]:
        """Everything published, in order, repeats included."""
        self.check()
        return tuple(self._events)

    @property
    def kinds(self) -> set[type[AnyEvent]]:
        """Which events were published."""
        return {type(event) for event in self.events}

    def published(self, kind: type[EventT]) -> list[EventT]:
        """The events of one kind, in order, repeats included."""
        return [event for event in self.events if isinstance(event, kind)]

    def only(self, kind: type[EventT]) -> EventT:
        """The one event of this kind; a repeat with the same id is the same event. Raises `AssertionError`."""
        found = self.published(kind)
        count = len({event.id for event in found})
        if count != 1:
            others = ", ".join(sorted(other.__name__ for other in self.kinds)) or "nothing"
            raise AssertionError(f"{count} × {kind.__name__} published instead of 1; published was: {others}")
        return found[0]


def _problem(event: AnyEvent, service: str) -> str | None:
    """Why `service` may not publish `event`."""
    kind = type(event)
    if kind not in EVENTS:
        return "this is no event of the contracts"
    if event.published_by != service:
        return f"only {event.published_by} may publish it"
    return _problem_on_the_wire(event) or _problem_of_the_envelope(event)


def _problem_on_the_wire(event: AnyEvent) -> str | None:
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # pydantic's would repeat values
        body = event.to_json()
    if len(body) > STREAM.max_msg_size:
        return f"{len(body)} bytes are more than the stream takes ({STREAM.max_msg_size})"
    try:
        read = decode_event(body)
    except InvalidEvent as error:
        return f"not valid: {error}"
    return None if read == event else "readers get something else than was published"


def _problem_of_the_envelope(event: AnyEvent) -> str | None:
    kind = type(event)
    proper = kind.of(event.data, time=event.time, recorded=event.recordedtime, traceparent=event.traceparent)
    wrong = [name for name in kind.model_fields if getattr(event, name) != getattr(proper, name)]
    return f"{', '.join(wrong)} not as {kind.__name__}.of makes them" if wrong else None
