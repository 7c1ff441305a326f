"""What a provider is: a way to verify, webhooks with a way to parse each, and the replies it expects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum, auto
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from chassis.client_address import Address
from chassis.encoding import Encoded
from chassis.http import Answer
from contracts import Event, EventData
from contracts.topology import EVENTS
from gateway.edge import urlencoded
from gateway.once import once

DataT = TypeVar("DataT", bound=EventData)

MAX_EVENT_BYTES = EVENTS.max_msg_size - 1_000
"""What the stream takes, less room for the headers, which it counts too."""


class Refusal(StrEnum):
    """Why a sender is not believed. The list is closed: it is a metric's label."""

    NOT_CONFIGURED = auto()
    """We hold nothing that such a request could be checked with."""
    UNSIGNED = auto()
    NOT_A_SIGNATURE = auto()
    UNKNOWN_ALGORITHM = auto()
    UNKNOWN_KEY = auto()
    TOO_MANY_PARAMETERS = auto()
    BODY_NOT_SIGNED = auto()
    WRONG_SIGNATURE = auto()
    WRONG_ADDRESS = auto()
    WRONG_TOKEN = auto()


class Proof(StrEnum):
    """What made us believe a sender. Closed as well, for the same reason."""

    __hash__ = str.__hash__

    PRIMARY = auto()
    NEXT = auto()
    """The token being rotated in."""
    SUBACCOUNT = auto()
    SHARED_KEY = auto()
    TOKEN = auto()
    ADDRESS = auto()
    ADDRESS_AND_TOKEN = auto()
    UNLISTED_ADDRESS_AND_TOKEN = auto()


class NotAuthentic(Exception):
    """The sender did not prove to be the provider. The message is for our log, not for the sender."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Malformed(Exception):
    """It came from the provider, but cannot be understood. Neither `field` nor the message repeats a value."""

    def __init__(self, field: str, problem: str = "is missing") -> None:
        super().__init__(f"{field} {problem}")
        self.field = field


class _Received(NamedTuple):
    path: str
    """Still percent-encoded."""
    query: str
    """Still percent-encoded, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case; the values of a repeated name are joined by commas."""
    body: bytes
    client: Address | None
    received_at: datetime
    traceparent: str


class RawRequest(_Received):
    """An HTTP request as it arrived, believed by nobody yet.

    What is made for every webhook is a named tuple: a frozen dataclass takes five times as long to make.
    """

    @once
    def form(self) -> urlencoded.Form:
        """The values of a body that is a form; read once, for the check and for the event.

        Raises `TooManyParameters`.
        """
        return urlencoded.form(self.body.decode("utf-8", "replace"))

    @once
    def media_type(self) -> str:
        """Content-Type without its parameters, in lower case; empty when there is none."""
        return _media_type(self.headers.get("content-type", ""))


@lru_cache(maxsize=64)
def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


class Stated(NamedTuple):
    """An event, as bytes: nothing that could still change lies between its validation and the bus."""

    about: str
    """The provider's id of the call, message or recording."""
    encoded: Encoded


class VerifiedRequest(NamedTuple):
    """A request that surely comes from the provider. Made by `verify` alone; nothing is parsed without one."""

    raw: RawRequest
    proof: Proof

    def event(self, kind: type[Event[DataT]], data: DataT, *, time: datetime | None = None) -> Stated:
        """The event that states `data`, at the provider's `time` or else when the request was received.

        Raises `Malformed` when the bus could never take it: JSON may need several bytes for one that was received.
        """
        received = self.raw.received_at
        event_id, about, body = kind.written(
            data, time=time or received, recorded=received, traceparent=self.raw.traceparent
        )
        if len(body) > MAX_EVENT_BYTES:
            raise Malformed("body", "is too large as an event")
        return Stated(about, Encoded(event_id, kind.bus_subject, body))


class Parsed(NamedTuple):
    """What a request says; without anything stated, `ignored` says why there is nothing to publish."""

    stated: tuple[Stated, ...] = ()
    ignored: str | None = None


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    media_type: str | None = None
    body: bytes = b""

    @once
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What describes the body."""
        headers = []
        if self.status != HTTPStatus.NO_CONTENT:
            headers.append((b"content-length", str(len(self.body)).encode()))
        if self.media_type:
            charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
            headers.append((b"content-type", f"{self.media_type}{charset}".encode()))
        return headers

    @once
    def whole(self) -> Answer:
        """All of it, ready to be written. Almost all webhooks of a route get the same answer: it is made once."""
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n".encode()
        return Answer(head + b"".join(b"%b: %b\r\n" % header for header in self.headers), self.body)


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Parameter:
    """A named value that a webhook reads, for its description."""

    name: str
    description: str
    example: str
    required: bool = False
    """Without it the webhook is malformed."""

    def as_required(self) -> "Parameter":
        """The same in a webhook that needs it."""
        return replace(self, required=True)

    def as_optional(self) -> "Parameter":
        """The same in a webhook that can do without."""
        return replace(self, required=False)


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
    parameters: tuple[Parameter, ...] = ()
    media_types: tuple[str, ...] = (FORM,)
    """Of bodies. A query is read wherever GET is a method."""
    live: bool = False
    """Somebody is on the phone: once verified, `reply` is sent whatever happens."""


@dataclass(frozen=True)
class Provider:
    """A telephony provider."""

    name: str
    verify: Callable[[RawRequest], VerifiedRequest]
    """Raises `NotAuthentic`, and nothing else."""
    read: Callable[[RawRequest], object]
    """Read what `verify` will look at, if the request keeps it. Raises `NotAuthentic`.

    A step of its own: it is the largest piece of work there is in a webhook.
    """
    may_prove_itself: Callable[[Mapping[str, str], Address | None], bool]
    """Whether a client that has failed too often is verified all the same, from its headers and address."""
    webhooks: tuple[Webhook, ...]
    security: Mapping[str, str] = field(default_factory=dict)
    """What its requests prove themselves with, as OpenAPI says it."""
