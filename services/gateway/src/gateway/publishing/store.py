"""The file of the spool: SQLite, synced at every commit. Blocking, and used by one thread of a process only.

Several processes may share a directory. A file that turns out to be damaged is left where it is and the next one is
begun: `spool-0001.db`, `spool-0002.db`, ...; the newest is in use, and nothing here ever deletes or renames one.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis import logs
from chassis.encoding import Encoded
from chassis.failures import Unavailable
from gateway.metrics import SPOOL_DAMAGED
from gateway.publishing.locks import held

log = logs.get(__name__)

_PAGE = 4096
_MARGIN = 1_000_000
"""Bytes the file may exceed its configured size by: removing and setting aside must work in a full spool too."""
_ROW = 200
"""Bytes an event takes besides its body, roughly."""
_BUSY_SECONDS = 0.5
"""Our own processes take turns by the lock; this is for somebody who looks into the file with a tool."""
_READ_BYTES = 4_000_000
_SPARE = 64_000
"""Bytes that must be left for the spool to count as ready: what a webhook may bring."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_SCHEMA = """
create table if not exists events (
    seq integer primary key autoincrement, id text not null unique, subject text not null, body blob not null,
    spooled_at real not null);
create table if not exists set_aside (
    id text primary key, subject text not null, body blob not null, spooled_at real not null, reason text not null);
create table if not exists heartbeat (only_one integer primary key check (only_one = 1), padding blob not null);
"""


class Full(Unavailable):
    """The spool has its configured size."""


@dataclass(frozen=True)
class Status:
    """What the spool holds."""

    events: int = 0
    """Waiting for NATS."""
    set_aside: int = 0
    """Refused by NATS: waiting for a person."""
    bytes: int = 0
    oldest_at: float | None = None
    """When the first of the waiting was spooled, in seconds since 1970."""


class Store:
    """One directory. Every method but `transaction` belongs inside a `with store.transaction():`."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self.directory = directory
        self.max_bytes = max_bytes
        self._connection: sqlite3.Connection | None = None
        self._file = directory
        self._inode = 0
        self._emptied = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done meanwhile is on the disk afterwards, all or nothing. Raises `sqlite3.Error` or `OSError`."""
        self._make_directory()
        with held(self.directory / "store.lock"):
            connection = self._open_newest()
            connection.execute("begin immediate")
            try:
                yield
                connection.execute("commit")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("rollback")
                raise
            if self._emptied:
                self._emptied = False
                with contextlib.suppress(sqlite3.Error):  # only room is lost, and not for long
                    connection.executescript("pragma incremental_vacuum; pragma wal_checkpoint(truncate);")

    def put(self, events: Sequence[Encoded]) -> None:
        """Keep `events`; one that is there already counts once. Raises `Full`."""
        if self._used() + sum(len(event.body) + _ROW for event in events) > self.max_bytes:
            raise Full(f"the spool has its configured size of {self.max_bytes // 1_000_000} MB")
        now = time.time()
        self._sql.executemany(
            "insert into events (id, subject, body, spooled_at) values (?, ?, ?, ?) on conflict do nothing",
            [(event.id, event.subject, event.body, now) for event in events],
        )

    def oldest(self, most: int) -> list[Encoded]:
        """The first events, in order: at most `most`, and not many megabytes."""
        found: list[Encoded] = []
        size = 0
        for each in self._sql.execute("select id, subject, body from events order by seq limit ?", (most,)):
            found.append(Encoded(*each))
            size += len(found[-1].body)
            if size > _READ_BYTES:
                break
        return found

    def remove(self, ids: Sequence[str]) -> None:
        """Forget events that NATS has; when none is left, give the room back: no words of patients stay behind."""
        self._sql.executemany("delete from events where id = ?", [(each,) for each in ids])
        self._emptied = self.head() is None

    def set_aside(self, event: Encoded, reason: str) -> None:
        """Keep an event, and do not try it again until `try_again`."""
        self._sql.execute(
            "insert or replace into set_aside select id, subject, body, spooled_at, ? from events where id = ?",
            (reason, event.id),
        )
        self._sql.execute("delete from events where id = ?", (event.id,))

    def try_again(self) -> int:
        """Put what was set aside back in the queue; how many that were."""
        moved = self._sql.execute(
            "insert into events (id, subject, body, spooled_at) select id, subject, body, spooled_at from set_aside "
            "where true on conflict do nothing"
        ).rowcount
        self._sql.execute("delete from set_aside")
        return moved

    def head(self) -> int | None:
        """The first waiting event's place, which never comes again; None when none waits."""
        found = self._sql.execute("select min(seq) from events").fetchone()
        place: int | None = found[0]
        return place

    def status(self) -> Status:
        """What is there."""
        counts = self._sql.execute(
            "select (select count(*) from events), (select count(*) from set_aside), "
            "(select spooled_at from events order by seq limit 1)"
        ).fetchone()
        return Status(counts[0], counts[1], self._used(), counts[2])

    def problem(self) -> str | None:
        """Why nothing more can be kept; None when it can. Writes as much as a webhook does, to find out."""
        if self._used() + _SPARE > self.max_bytes:
            return f"full: it has its configured size of {self.max_bytes // 1_000_000} MB"
        self._sql.execute("insert or replace into heartbeat values (1, zeroblob(?))", (4 * _PAGE,))
        return None

    def close(self) -> None:
        """Close the file; the next transaction opens it again."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def recover(self, error: sqlite3.Error | OSError) -> None:
        """After a failed transaction: open anew, because nothing read before may be trusted and closing tidies up; or
        begin a new file when this one is damaged. Raises `OSError`.
        """
        self.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            self._begin_next(self._file, error)

    def _begin_next(self, file: Path, damage: Exception) -> None:
        """Leave `file` alone, and begin the next one; unless another process just did."""
        with held(self.directory / "store.lock"):
            if self._newest() != file:
                return
            following = self.directory / f"spool-{_number(file) + 1:04}.db"
            os.close(os.open(following, os.O_CREAT | os.O_EXCL, 0o600))
        SPOOL_DAMAGED.inc()
        log.error(
            "the spool is damaged: left as it is, and a new one begun; look at it with sqlite3 and '.recover'",
            damaged=str(file),
            new=following.name,
            error=str(damage),
        )

    @property
    def _sql(self) -> sqlite3.Connection:
        assert self._connection is not None, "only inside a transaction"
        return self._connection

    def _used(self) -> int:
        pages, free = (self._sql.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        return int(pages - free) * _PAGE

    def _make_directory(self) -> None:
        if self.directory.is_dir():
            return
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        parent = os.open(self.directory.parent, os.O_RDONLY)
        try:
            os.fsync(parent)  # a directory that a power cut forgets takes the events along
        finally:
            os.close(parent)

    def _newest(self) -> Path:
        return max(self.directory.glob("spool-[0-9][0-9][0-9][0-9].db"), default=self.directory / "spool-0001.db")

    def _open_newest(self) -> sqlite3.Connection:
        """The connection to the newest file; another process may have begun one, or somebody removed ours."""
        if self._connection is not None:
            with contextlib.suppress(FileNotFoundError):
                following = self.directory / f"spool-{_number(self._file) + 1:04}.db"
                if self._file.stat().st_ino == self._inode and not following.exists():
                    return self._connection
            self.close()
        self._file = self._newest()
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._file, os.O_CREAT | os.O_EXCL, 0o600))
        self._connection = _connect(self._file, self.max_bytes + _MARGIN)
        self._inode = self._file.stat().st_ino
        return self._connection


def _number(file: Path) -> int:
    return int(file.stem.removeprefix("spool-"))


def _connect(file: Path, max_bytes: int) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in (
            f"page_size = {_PAGE}",
            "auto_vacuum = incremental",
            "journal_mode = wal",
            "synchronous = full",  # a commit is synced before it returns
            f"max_page_count = {max_bytes // _PAGE}",
            "journal_size_limit = 8000000",
            "secure_delete = on",  # what was removed leaves no words behind in the file
        ):
            connection.execute(f"pragma {pragma}").fetchall()
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection
