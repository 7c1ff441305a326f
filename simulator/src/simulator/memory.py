"""Everything that was sent and received, as far back as there is room."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, Literal, TypeVar

Value = TypeVar("Value")

KEPT = 20_000
"""Texts, attempts and REST calls each; the oldest are forgotten first."""


def now() -> datetime:
    """Wall clock, UTC."""
    return datetime.now(UTC)


class Newest(OrderedDict[str, Value], Generic[Value]):
    """The newest values by id."""

    def __setitem__(self, key: str, value: Value) -> None:
        super().__setitem__(key, value)
        if len(self) > KEPT:
            self.popitem(last=False)


@dataclass
class Text:
    """A text at the provider, in or out. `status` and `error_code` move with its delivery."""

    provider: Literal["twilio", "voipms"]
    id: str
    by: Literal["patient", "us", "provider"]
    """`provider` is Twilio's own answer to STOP, START and HELP."""
    direction: Literal["inbound", "outbound-api", "outbound-reply"]
    from_number: str
    to_number: str
    message: str
    status: str
    kind: Literal["sms", "mms"] = "sms"
    media_urls: tuple[str, ...] = ()
    at: datetime = field(default_factory=now)
    sent_at: datetime | None = None
    error_code: int | None = None
    messaging_service_sid: str | None = None


@dataclass(frozen=True)
class Attempt:
    """One delivery of a webhook and what came back. `problem` is what the provider would complain about."""

    webhook: str
    """The same for every repeat of a webhook."""
    kind: str
    about: str
    """Id of the message, call or recording it tells of."""
    at: datetime
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str
    duration_ms: int
    status: int | None = None
    content_type: str | None = None
    body: str = ""
    error: str | None = None
    """Why there was no answer."""
    problem: str | None = None


@dataclass(frozen=True)
class RestCall:
    """A request to one of the providers' APIs, without its secrets."""

    target: str
    method: str
    """HTTP method for Twilio, API method for VoIP.ms."""
    path: str
    params: dict[str, str]
    at: datetime
    status: int
    answer: str
    fault: str | None = None


class Memory:
    """Shared by everything that sends or receives."""

    def __init__(self) -> None:
        self.texts: Newest[Text] = Newest()
        self.attempts: deque[Attempt] = deque(maxlen=KEPT)
        self.rest: deque[RestCall] = deque(maxlen=KEPT)
        self.listed_after = timedelta(0)
        """How long a text of ours is missing from the providers' lists, which follow what was accepted with a delay."""

    def is_listed(self, text: Text) -> bool:
        """Whether a provider's list has the text by now."""
        return text.by != "us" or now() - text.at >= self.listed_after

    def remember(self, text: Text) -> Text:
        """Keep a text. SMS, MMS and both providers number apart, so the key has all of them."""
        self.texts[f"{text.provider}:{text.kind}:{text.id}"] = text
        return text

    def forget(self) -> None:
        """Start afresh."""
        self.texts.clear()
        self.listed_after = timedelta(0)
        self.attempts.clear()
        self.rest.clear()
