"""What a provider is: a way to verify, webhooks with a way to parse each, and the replies it expects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from contracts import Event, EventData
from contracts.registry import AnyEvent
from contracts.topology import EVENTS
from gateway.edge.client_address import Address

DataT = TypeVar("DataT", bound=EventData)

MAX_EVENT_BYTES = EVENTS.max_msg_size - 1_000
"""What the stream takes, less room for the headers, which it counts too."""


class NotAuthentic(Exception):
    """The sender did not prove to be the provider. The message is for our log, not for the sender."""


class Malformed(Exception):
    """It came from the provider, but cannot be understood. Neither `field` nor the message repeats a value."""

    def __init__(self, field: str, problem: str = "is missing") -> None:
        super().__init__(f"{field} {problem}")
        self.field = field


@dataclass(frozen=True)
class RawRequest:
    """An HTTP request as it arrived, believed by nobody yet."""

    path: str
    """Still percent-encoded."""
    query: str
    """Still percent-encoded, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    client: Address | None
    received_at: datetime
    traceparent: str

    @property
    def media_type(self) -> str:
        """Content-Type without its parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class VerifiedRequest:
    """A request that surely comes from the provider. Made by `verify` alone; nothing is parsed without one."""

    raw: RawRequest

    def event(self, kind: type[Event[DataT]], data: DataT, *, time: datetime | None = None) -> Event[DataT]:
        """The event that states `data`, at the provider's `time` or else when the request was received.

        Raises `Malformed` when the bus could never take it: JSON may need several bytes for one that was received.
        """
        received = self.raw.received_at
        event = kind.of(data, time=time or received, recorded=received, traceparent=self.raw.traceparent)
        if len(event.to_json()) > MAX_EVENT_BYTES:
            raise Malformed("body", "is too large as an event")
        return event


@dataclass(frozen=True)
class Parsed:
    """What a request says; without events, `ignored` says why there is nothing to publish."""

    events: tuple[AnyEvent, ...] = ()
    ignored: str | None = None


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    media_type: str | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Webhook:
    """One route of a provider."""

    path: str
    parse: Callable[[VerifiedRequest], Parsed]
    """Raises `Malformed`, or pydantic's `ValidationError` for values that no event can carry."""
    reply: Reply
    """Sent once the events are stored."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the provider calls a field of ours, for error answers."""
    methods: tuple[str, ...] = ("POST",)
    live: bool = False
    """Somebody is on the phone: once verified, `reply` is sent whatever happens."""


@dataclass(frozen=True)
class Provider:
    """A telephony provider."""

    name: str
    verify: Callable[[RawRequest], VerifiedRequest]
    """Raises `NotAuthentic`, and nothing else."""
    webhooks: tuple[Webhook, ...]
