"""A text that may or may not have left: what the provider's list of texts proves. Pure.

Presence proves that it left. Absence proves that it did not only once the request cannot be under way any more and the
provider has had time to list it: `lists_within` after the claim, see `ResponderSettings`. A text that looks like ours
but has other words (a provider may change them) proves nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from responder.senders.port import Listed

ASKING_ENDS = timedelta(minutes=15)
"""After this long without an answer that proves something, staff are told that the outcome is unknown."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""A text counts as sent since the claim when the provider's clock says so, or nearly."""

_SHORTEST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=1)


class Verdict(Enum):
    """What is known of a text in doubt when the list does not have it."""

    NOT_SENT = "not sent"
    ASK_LATER = "ask later"
    UNKNOWN = "unknown"


def candidates(listed: Sequence[Listed], since: datetime) -> tuple[Listed, ...]:
    """Those that may be a text sent after `since`."""
    return tuple(one for one in listed if one.at is None or one.at >= since - CLOCKS_DIFFER)


def same_words(listed: Listed, text: str) -> bool:
    """Whether the provider lists these words; a trial account's are preceded by others (Twilio docs: "Free trial")."""
    return _plain(listed.text).endswith(_plain(text))


def verdict(*, provable: bool, age: timedelta, lists_within: timedelta) -> Verdict:
    """What it means that our text is not on the list, `age` after the claim.

    `provable`: whether the list was complete and held nothing that may be ours.
    """
    if provable and age >= lists_within:
        return Verdict.NOT_SENT
    return Verdict.UNKNOWN if age >= max(ASKING_ENDS, lists_within) else Verdict.ASK_LATER


def ask_again_in(age: timedelta, lists_within: timedelta) -> timedelta:
    """Pause until the next question: ever longer ones, but not past the moment when absence becomes a proof."""
    pause = min(max(age, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    left = lists_within - age
    return max(min(pause, left), _SHORTEST_PAUSE) if left > timedelta(0) else pause


def _plain(text: str) -> str:
    return " ".join(text.split())
