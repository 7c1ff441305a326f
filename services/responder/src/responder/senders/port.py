"""What the responder asks of a provider, and the three ways it can end."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Accepted:
    """The provider took the text. `status` is its word for that, in Twilio's vocabulary."""

    message_sid: str
    status: str


@dataclass(frozen=True)
class NotSent:
    """The text surely did not leave. `code` is the provider's, or names what happened on the way to it."""

    code: str
    try_again: bool = False
    """Whether the same text may be accepted in a minute."""
    opted_out: bool = False
    """Whether the provider refused because the patient opted out."""
    misconfigured: bool = False
    """Whether the provider refused us, not this text: no text leaves until our credentials or settings are right."""


@dataclass(frozen=True)
class Unknown:
    """The text may or may not have left: it must never be sent again. `detail` holds no words of the text."""

    detail: str


Outcome = Accepted | NotSent | Unknown


class Sender(Protocol):
    """One provider."""

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        """Send one text from our number to a patient's, both E.164, once. Failures are outcomes, not exceptions."""
        ...
