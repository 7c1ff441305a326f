"""What becomes of a message whose handler failed: decided in one place, as a plain function."""

from dataclasses import dataclass

from contracts import InvalidEvent
from contracts.dead_letters import DeadLetterReason

DELAYS = (1.0, 5.0, 15.0, 60.0, 120.0)
"""Seconds before the second, third, … attempt; the last one repeats."""

MAX_ATTEMPTS = 6
"""Deliveries after which a failure sets a message aside; those of an outage count, but an outage never does it."""


class Unavailable(Exception):
    """Something we depend on is away (database, provider, bus). Try again for as long as it takes."""

    def __init__(self, message: str = "", *, after: float | None = None) -> None:
        """`after`: seconds until another attempt makes sense, where that is known."""
        super().__init__(message)
        self.after = after


class Postponed(Unavailable):
    """Nothing failed: there is more to do about this message in `after` seconds."""

    def __init__(self, message: str, *, after: float) -> None:
        super().__init__(message, after=after)


class NotYet(Exception):
    """What is asked for may work later, but not for ever (a recording that is not ready)."""


class Refused(Exception):
    """This message can never be handled; a person must look at it."""


@dataclass(frozen=True)
class TryAgain:
    """Deliver it again after `delay` seconds."""

    delay: float


@dataclass(frozen=True)
class SetAside:
    """Put it among the dead letters and do not deliver it again."""

    reason: DeadLetterReason
    detail: str


def settle(error: Exception, attempt: int) -> TryAgain | SetAside:
    """Decide by the kind of failure and the number of deliveries so far (1 for the first)."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, InvalidEvent):
        return SetAside(DeadLetterReason.INVALID, detail)
    if isinstance(error, Refused):
        return SetAside(DeadLetterReason.REFUSED, detail)
    if not isinstance(error, Unavailable) and attempt >= MAX_ATTEMPTS:
        return SetAside(DeadLetterReason.EXHAUSTED, detail)
    known = error.after if isinstance(error, Unavailable) else None
    return TryAgain(DELAYS[min(attempt, len(DELAYS)) - 1] if known is None else known)
