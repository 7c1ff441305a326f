"""The schema, and who may do what with it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from recorder.migrate import migrate, migrations
from support.recorder import TABLES, as_json, record
from support.recorder_day import a_day

FUNCTIONS = ("record_events('[]')", "recent_calls(1)", "recent_messages(1)")


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert migrate(database_url) == [migration.name for migration in migrations()]
    assert migrate(database_url) == []


def test_two_starters_migrate_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as starters:
        applied = [name for names in starters.map(migrate, [database_url] * 4) for name in names]
    assert sorted(applied) == sorted(migration.name for migration in migrations())


def test_the_supabase_cli_finds_its_bookkeeping(connection: psycopg.Connection) -> None:
    kept = connection.execute(
        "select version, name, statements from supabase_migrations.schema_migrations order by version"
    ).fetchall()
    assert kept == [(each.version, each.name, [each.sql]) for each in migrations()]


def test_a_failing_migration_leaves_no_trace(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("create table public.consent (mine int)")
        with pytest.raises(psycopg.errors.DuplicateTable):
            migrate(database_url)
        assert owner.execute("select to_regclass('public.events')").fetchone() == (None,)
        assert owner.execute("select count(*) from supabase_migrations.schema_migrations").fetchone() == (0,)


@pytest.fixture
def careless(database_url: str) -> Iterator[psycopg.Connection]:
    """A database that, like Supabase, grants everything new to everybody, with the day in it."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        for role in ("anon", "authenticated"):
            owner.execute(f"do $$ begin create role {role}; exception when duplicate_object then null; end $$".encode())
            for things in ("tables", "functions", "sequences"):
                owner.execute(f"alter default privileges in schema public grant all on {things} to {role}".encode())
        migrate(database_url)
        record(owner, as_json(a_day()))
        yield owner


FORBIDDEN = [
    *(f"select * from {table}" for table in ("events", "frontdesk.event_targets", *TABLES)),
    *(f"delete from {table}" for table in ("events", *TABLES)),
    *(f"select {function}" for function in FUNCTIONS),
    "select frontdesk.targets(null, null, null)",
    "select nextval('events_seq_seq')",
]


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_public_roles_may_nothing(careless: psycopg.Connection, role: str) -> None:
    careless.execute(f"set role {role}".encode())
    for statement in FORBIDDEN:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            careless.execute(statement.encode())


def test_every_table_has_row_level_security(connection: psycopg.Connection) -> None:
    open_tables = connection.execute(
        "select relname from pg_class where relkind = 'r' and not relrowsecurity"
        " and relnamespace in ('public'::regnamespace, 'frontdesk'::regnamespace)"
    ).fetchall()
    assert open_tables == []


def test_the_service_role_may_record_and_read(connection: psycopg.Connection) -> None:
    connection.execute("set role service_role")
    assert record(connection, as_json(a_day())) > 0
    for table in ("events", "frontdesk.event_targets", *TABLES):
        assert connection.execute(f"select count(*) from {table}".encode()).fetchone() != (0,)
    for function in FUNCTIONS:
        connection.execute(f"select {function}".encode())
