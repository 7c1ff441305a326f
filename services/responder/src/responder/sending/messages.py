"""What the outbox is given, and how that can end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.notice import NoticeSent, NoticeWithheld
from contracts.sms import SmsSent, SmsSuppressed, SuppressionReason

Outcome = SmsSent | SmsSuppressed | NoticeSent | NoticeWithheld
"""The events that tell how an errand ended; every errand has exactly one."""

OutcomeT = TypeVar("OutcomeT", bound=Outcome)


class _Kept(BaseModel):
    """Written into claims, so that another process can go on where one died."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Route(_Kept):
    """A way out: a provider and our number there (E.164)."""

    provider: str
    sender: str


class About(_Kept):
    """What the caller needs again to tell of the ending, in whichever process that comes."""

    category: str | None = None
    understood_by: str | None = None
    confidence: float | None = None
    language: str | None = None
    needs_staff: bool = False


NOTHING_KNOWN = About()


class Outgoing(_Kept):
    """A text to be sent. A later route is taken only when the earlier ones surely did not send."""

    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    recipient: str
    """E.164."""
    text: str
    about: About = NOTHING_KNOWN
    confirms_opt_out: bool = False
    """The one text that may still go to somebody who opted out. Everything else is withheld from them."""


@dataclass(frozen=True)
class Withheld:
    """Nothing was sent, and nothing will be. `code` is the provider's, when it refused for good."""

    reason: SuppressionReason
    about: About = NOTHING_KNOWN
    code: str | None = None
    route: Route | None = None
    """The way that was tried last; None when none was."""


@dataclass(frozen=True)
class Sent:
    """A provider accepted the text by `route`, as `message_sid`. `status` is its word for that."""

    outgoing: Outgoing
    route: Route
    message_sid: str
    status: str


@dataclass(frozen=True)
class UnknownOutcome:
    """The text may or may not have been sent, and the provider could not be asked; it is never sent again."""

    outgoing: Outgoing
    route: Route


Ending = Sent | Withheld | UnknownOutcome


@dataclass(frozen=True)
class Errand(Generic[OutcomeT]):
    """Something that leads to at most one text.

    key: the same for every repeat of the cause (see `keys`).
    decide: what to send, or why not. Called before each attempt, so again when an earlier one surely did not send:
        what it does besides must bear repeating. Raises `Unavailable` to be called later.
    tell: the event that says how it ended, at this time. Pure. Its very bytes are kept.
    """

    key: str
    decide: Callable[[], Awaitable[Outgoing | Withheld]]
    tell: Callable[[Ending, datetime], OutcomeT]
