"""Bring a database's schema up to date. The bookkeeping is the Supabase CLI's, so either may apply the same files."""

import contextlib
import re
from dataclasses import dataclass
from importlib.resources import files

import psycopg

from chassis import logs
from recorder.role import grant_rights

log = logs.get(__name__)

_FILE = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")
_LOCK = 7420330
"""Advisory lock: two starters apply each migration once."""

_TRIES = 5

_BOOKKEEPING = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key, statements text[], name text);
"""


@dataclass(frozen=True)
class Migration:
    """One SQL file of this package."""

    version: str
    name: str
    sql: str


def migrations() -> list[Migration]:
    """All migrations, oldest first."""
    found = ((_FILE.fullmatch(file.name), file) for file in files("recorder").joinpath("migrations").iterdir())
    known = [Migration(match["version"], match["name"], file.read_text("utf-8")) for match, file in found if match]
    return sorted(known, key=lambda migration: migration.version)


def migrate(database_url: str) -> list[str]:
    """Apply what is missing, each migration in a transaction of its own; returns the names of those applied.

    Also gives the recorder's role its rights, whoever applied the migrations. Needs a role that may create roles and
    schemas. Raises `psycopg.Error`; what was applied before stays applied.
    """
    with psycopg.connect(database_url, autocommit=True, connect_timeout=10, prepare_threshold=None) as connection:
        with connection.transaction():
            _wait_for_others(connection)
            connection.execute(_BOOKKEEPING)
        applied = [migration.name for migration in migrations() if _insist(connection, migration)]
        with connection.transaction():
            _wait_for_others(connection)
            grant_rights(connection)
        return applied


def _insist(connection: psycopg.Connection, migration: Migration) -> bool:
    """Apply it, even while recorders work: where both wait for the other's table, Postgres ends one of them."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(psycopg.errors.DeadlockDetected):
            return _apply(connection, migration)
    return _apply(connection, migration)


def _apply(connection: psycopg.Connection, migration: Migration) -> bool:
    with connection.transaction():
        _wait_for_others(connection)
        applied = connection.execute(
            "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)"
            " on conflict do nothing",
            (migration.version, [migration.sql], migration.name),
        )
        if not applied.rowcount:
            return False
        connection.execute(migration.sql.encode())
        grant_rights(connection)  # here too: a running recorder never finds a function that it may not call
    log.info("applied a migration", version=migration.version, name=migration.name)
    return True


def _wait_for_others(connection: psycopg.Connection) -> None:
    """Until the end of this transaction: also behind a pooler that hands out another connection for the next one."""
    connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
