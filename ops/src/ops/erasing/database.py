"""A person in the recorder's database. The work itself is done by SQL functions, the same over both ways to it."""

import itertools
from typing import Any

from ops.erasing.person import Person
from recorder.database import Database

_EVENTS_AT_A_TIME = 20_000
"""Searched for mentions in one statement."""

Counts = dict[str, int]


async def belongs_to_the_practice(database: Database, person: Person) -> bool:
    """Whether the number is one that patients call."""
    [answer] = await database.call("is_of_the_practice", number=person.number)
    return bool(answer)


async def found(database: Database, person: Person, published: list[dict[str, Any]]) -> Counts:
    """What there is, without changing it."""
    [things] = await database.call("erase_person", number=person.number, published=published, dry_run=True)
    [beside] = await database.call("erase_marginalia", pattern=person.pattern, dry_run=True)
    return _known(things or {}) | _known(beside)


async def erase(database: Database, person: Person, published: list[dict[str, Any]]) -> Counts:
    """Remove the person's rows and events, and the number where it is mentioned elsewhere."""
    [removed] = await database.call("erase_person", number=person.number, published=published, dry_run=False)
    mentions = await _erase_mentions(database, person)
    [beside] = await database.call("erase_marginalia", pattern=person.pattern, dry_run=False)
    return _known(removed | {"mentions": mentions, "notes_mentioning": beside["notes"], "audit": beside["audit"]})


async def _erase_mentions(database: Database, person: Person) -> int:
    after, mentions = 0, 0
    for _ in itertools.count():
        [batch] = await database.call("erase_mentions", pattern=person.pattern, after=after, how_many=_EVENTS_AT_A_TIME)
        if batch["last"] is None:
            break
        after, mentions = batch["last"], mentions + batch["mentions"]
    return mentions


def _known(counts: dict[str, Any]) -> Counts:
    return {name: int(number) for name, number in sorted(counts.items()) if number}
