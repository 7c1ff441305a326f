"""The whole erasure in order, and its receipt.

First the opt-out is made sure of. Then the database goes: it keeps tombstones, by which the rest is found, also when
this is run again after something could not be reached, and which keep away what the bus delivers once more. The spool
comes before the streams, because it empties into them.
"""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats.errors
from nats.js import JetStreamContext

from chassis.failures import Refused, Unavailable
from ops.erasing import bus, consent, database, spool
from ops.erasing.person import Person
from recorder.database import Database


class OfThePractice(Exception):
    """The number is the practice's own: everybody has it in their events."""


@dataclass
class Receipt:
    """What was removed where. It holds nothing about the person but a salted, slow hash of the number."""

    number: dict[str, str]
    at: str
    dry_run: bool
    database: dict[str, int] = field(default_factory=dict)
    bus: dict[str, int] = field(default_factory=dict)
    spool: int = 0
    kept: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    """What could not be reached or done. Run it again: nothing is removed twice."""

    def written(self, folder: Path) -> Path:
        """Write it as a file of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"erasure-{self.at.replace(':', '').replace('+0000', 'Z')}.json"
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")
        return file


@dataclass(frozen=True)
class Places:
    """Where Frontdesk keeps something about people."""

    database: Database
    js: JetStreamContext
    spool: Path | None


async def look(places: Places, person: Person) -> Receipt:
    """What would be removed. Raises `OfThePractice`, and what says that the database or the bus is away."""
    published = await _published(places, person)
    receipt = _receipt(person, dry_run=True)
    receipt.database = await database.found(places.database, person, published)
    receipt.bus = {"own events": len(published)} if published else {}
    return receipt


async def erase(places: Places, person: Person) -> Receipt:
    """Remove it all. What fails after the database is named in the receipt. Raises as `look` does: nothing was done."""
    published = await _published(places, person)
    await consent.keep(places.js, person, published)
    receipt = _receipt(person, dry_run=False)
    receipt.database = await database.erase(places.database, person, published)
    await _or_named(receipt, "the spool and the streams", lambda: _messages(places, person, receipt))
    await _or_named(receipt, "the buckets", lambda: _entries(places, person, receipt))
    await _or_named(receipt, "the audit record", lambda: _audit(places.database, receipt))
    return receipt


async def _published(places: Places, person: Person) -> list[dict[str, Any]]:
    """The person's own events, recorded or not."""
    if await database.belongs_to_the_practice(places.database, person):
        raise OfThePractice
    waiting = spool.published(places.spool, person) if places.spool else []
    published = waiting + await bus.published(places.js, person)
    if any(person.is_called_by(event) for event in published):
        raise OfThePractice
    return published


async def _messages(places: Places, person: Person, receipt: Receipt) -> None:
    """Again until nothing more is found: an event may show that an earlier one was the person's, too."""
    while True:
        spooled = spool.SpoolErasure()
        if places.spool:
            spooled = await spool.erase(places.spool, places.database, person)
        streams = await bus.erase_messages(places.js, places.database, person)
        receipt.spool += spooled.removed
        for stream, number in streams.removed.items():
            receipt.bus[stream] = receipt.bus.get(stream, 0) + number
        if not spooled.removed and not streams.removed:
            break
    receipt.unfinished += [f"the spool's {file}" for file in spooled.unreadable]
    if left := spooled.left + streams.left:
        receipt.unfinished.append(f"{left} events of others mention the number and are not recorded yet")


async def _entries(places: Places, person: Person, receipt: Receipt) -> None:
    done = await bus.erase_entries(places.js, places.database, person)
    receipt.bus |= done.removed
    receipt.kept = done.kept


async def _audit(database: Database, receipt: Receipt) -> None:
    await database.call("audit", who="frontdesk erase", action="erase", kind="person", key=receipt.at, client=None)


async def _or_named(receipt: Receipt, what: str, work: Callable[[], Awaitable[Any]]) -> None:
    try:
        await work()
    except (nats.errors.Error, OSError, sqlite3.Error, Unavailable, Refused) as error:
        receipt.unfinished.append(f"{what}: {type(error).__name__}")


def _receipt(person: Person, *, dry_run: bool) -> Receipt:
    return Receipt(person.fingerprint(), datetime.now(UTC).isoformat(timespec="seconds"), dry_run)
