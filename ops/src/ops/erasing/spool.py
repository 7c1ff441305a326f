"""A person in the gateway's spool (docs/spool.md): events that wait in SQLite files while NATS is away.

The gateway may be writing meanwhile. Its lock is taken, as its own processes do, and only for the deleting.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.erasing.judging import Verdict, judge
from ops.erasing.person import Person, event_in
from recorder.database import Database

_TABLES = ("events", "set_aside")
_AT_A_TIME = 500


@dataclass
class SpoolErasure:
    """What was done to the spool."""

    removed: int = 0
    left: int = 0
    """Events of others that mention the number: the only copies of them."""
    unreadable: tuple[str, ...] = ()
    """Files that are damaged."""


@dataclass(frozen=True)
class _Row:
    table: str
    id: str
    body: bytes


def published(folder: Path, person: Person) -> list[dict[str, Any]]:
    """The person's own events that wait there. Damaged files are passed over."""
    found: list[dict[str, Any]] = []
    for file in _files(folder):
        with contextlib.suppress(sqlite3.Error):
            events = [event_in(row.body) for batch in _rows(file) for row in batch if person.is_in(row.body)]
            found += [event for event in events if event and person.is_party_to(event)]
    return found


async def erase(folder: Path, database: Database, person: Person) -> SpoolErasure:
    """Remove what is the person's; deleted rows are overwritten. Raises `Unavailable` and `OSError`."""
    done = SpoolErasure()
    for file in _files(folder):
        try:
            theirs: list[_Row] = []
            for batch in _rows(file):
                verdicts = await judge(database, person, [row.body for row in batch])
                theirs += [row for row, verdict in zip(batch, verdicts, strict=True) if verdict is Verdict.THEIRS]
                done.left += verdicts.count(Verdict.MENTION)
            done.removed += _delete(file, theirs)
        except sqlite3.Error as error:
            done.unreadable += (f"{file.name}: {type(error).__name__}",)
    return done


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("spool-*.db"))


def _rows(file: Path) -> Iterator[list[_Row]]:
    """All rows, in batches, as they are now."""
    with _opened(file) as spool:
        for table in _there(spool):
            rows = spool.execute(f"select id, body from {table}")  # noqa: S608  (one of two names)
            while batch := rows.fetchmany(_AT_A_TIME):
                yield [_Row(table, id_, bytes(body)) for id_, body in batch]


def _delete(file: Path, rows: list[_Row]) -> int:
    """Remove them, except those that the gateway has published meanwhile."""
    if not rows:
        return 0
    with _held(file.parent / "store.lock"), _opened(file) as spool:
        spool.execute("pragma secure_delete = on")
        spool.execute("begin immediate")
        gone = sum(
            spool.execute(f"delete from {row.table} where id = ?", (row.id,)).rowcount  # noqa: S608  (one of two names)
            for row in rows
        )
        spool.execute("commit")
        spool.execute("pragma wal_checkpoint(truncate)").fetchall()  # the log has the words, too
    return gone


def _there(spool: sqlite3.Connection) -> list[str]:
    known = {name for (name,) in spool.execute("select name from sqlite_master where type = 'table'")}
    return [table for table in _TABLES if table in known]


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as spool:
        yield spool


@contextlib.contextmanager
def _held(file: Path) -> Iterator[None]:
    """The lock under which the gateway's processes take turns."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
