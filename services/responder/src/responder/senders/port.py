"""What the responder asks of a provider: to send a text, and which texts it has sent. And the ways that can end."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class Meaning(Enum):
    """What to make of a refusal. None of these texts left."""

    BUSY = "busy"
    """Too much at once: the same text may be accepted in a minute."""
    UNREACHABLE = "unreachable"
    """The provider could not be reached at all, or is closed for maintenance."""
    MISCONFIGURED = "misconfigured"
    """It refuses us, not this text: no text leaves until our credentials or settings are right."""
    BARRED = "barred"
    """Our account or number may not send it, today or at all; another provider may."""
    OPTED_OUT = "opted out"
    """The recipient asked the provider for no more texts."""
    NO_TEXTS = "no texts"
    """The recipient's line cannot take texts."""
    REFUSED = "refused"
    """It refuses this text, and would again."""


@dataclass(frozen=True)
class Accepted:
    """The provider took the text. `status` is its word for that, in Twilio's vocabulary."""

    message_sid: str
    status: str


@dataclass(frozen=True)
class NotSent:
    """The text surely did not leave. `code` is the provider's, or names what happened on the way to it."""

    code: str
    meaning: Meaning = Meaning.REFUSED
    retry_after: float | None = None
    """Seconds that the provider wants to be left alone."""


@dataclass(frozen=True)
class Unknown:
    """The text may or may not have left: it must not be sent again blindly. `detail` holds no words of the text."""

    detail: str


Outcome = Accepted | NotSent | Unknown


@dataclass(frozen=True)
class Listed:
    """A text of ours that the provider has. `at`: when it took it; None when it does not say so exactly."""

    message_sid: str
    status: str
    text: str
    at: datetime | None


@dataclass(frozen=True)
class CannotTell:
    """The provider gave no complete answer to what it has sent. `detail` holds no words of a text."""

    detail: str


class Sender(Protocol):
    """One provider. Failures are outcomes, not exceptions."""

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        """Send one text from our number to a patient's, both E.164, once."""
        ...

    async def sent(self, *, sender: str, recipient: str, since: datetime) -> tuple[Listed, ...] | CannotTell:
        """Every text from our number to the patient's that the API was given since then; it may list older ones.

        A text that was accepted a moment ago may be missing.
        """
        ...
