"""Whose a message is that waits somewhere: in a stream, among the dead letters, in the gateway's spool."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Any

from ops.erasing.person import Person, event_in
from recorder.database import Database


class Verdict(Enum):
    """What a message is to the person."""

    THEIRS = auto()
    """About them, whether it bears their number or hangs on something that is erased; or nobody can tell."""
    MENTION = auto()
    """Somebody else's event with their number in it."""
    NONE = auto()


async def judge(database: Database, person: Person, bodies: Sequence[bytes]) -> list[Verdict]:
    """One verdict for each of `bodies`. Raises `Unavailable`."""
    events = [event_in(body) for body in bodies]
    erased = await erased_among(database, [event for event in events if event])
    return [_verdict(person, body, event, erased) for body, event in zip(bodies, events, strict=True)]


async def erased_among(database: Database, events: list[dict[str, Any]]) -> set[str]:
    """The ids of those that tell of what the database knows to be erased. Raises `Unavailable`."""
    return set(await database.call("erased_among", published=events)) if events else set()


def _verdict(person: Person, body: bytes, event: dict[str, Any] | None, erased: set[str]) -> Verdict:
    if event and event["id"] in erased:
        return Verdict.THEIRS
    if not person.is_in(body):
        return Verdict.NONE
    return Verdict.MENTION if event and not person.is_party_to(event) else Verdict.THEIRS
