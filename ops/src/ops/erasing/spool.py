"""A person in the gateway's spool: events that wait in a SQLite file while NATS is away."""

import contextlib
import sqlite3
from pathlib import Path

from ops.erasing.person import Person


def erase(folder: Path, person: Person) -> int:
    """Remove the rows that bear the number from every `*.db` there; returns how many. Raises `sqlite3.Error`.

    The gateway may be writing meanwhile: SQLite's lock is waited for. Deleted rows are overwritten.
    """
    return sum(_erase_in(file, person) for file in sorted(folder.glob("*.db")))


def _erase_in(file: Path, person: Person) -> int:
    with contextlib.closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as spool:
        spool.execute("pragma secure_delete = on")
        tables = [name for (name,) in spool.execute("select name from sqlite_master where type = 'table'")]
        removed = sum(_erase_rows(spool, table, person) for table in tables if not table.startswith("sqlite_"))
        if removed:
            spool.execute("pragma wal_checkpoint(truncate)").fetchall()
    return removed


def _erase_rows(spool: sqlite3.Connection, table: str, person: Person) -> int:
    # The names are the file's own, quoted: SQLite takes no parameters for them.
    rows = spool.execute(f'select rowid, * from "{table}"')  # noqa: S608
    bearing = [(row[0],) for row in rows if any(person.is_in(_bytes(value)) for value in row[1:])]
    spool.executemany(f'delete from "{table}" where rowid = ?', bearing)  # noqa: S608
    return len(bearing)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
