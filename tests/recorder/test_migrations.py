"""The schema, and who may do what with it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from recorder.migrate import migrate, migrations
from support.recorder import TABLES, as_json, record
from support.recorder_day import a_day

FUNCTIONS = ("record_events('[]')", "recent_calls(1)", "recent_messages(1)", "fold_counts()", "forget_old('{}', 1)")


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


def test_what_a_dump_says_of_triggers_can_be_restored(connection: psycopg.Connection) -> None:
    """Postgres refuses to make some triggers that go on working when their table changes after them."""
    found = connection.execute(
        "select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal"
    ).fetchall()
    assert ("sms_conversations", "touch") in {(table, name) for table, name, _ in found}
    for table, name, definition in found:
        connection.execute(f"drop trigger {name} on {table}")
        connection.execute(definition)


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


OURS = "('public'::regnamespace, 'frontdesk'::regnamespace)"
TABLES_WITH_RIGHTS = f"""
    select c.oid::regclass::text, r.privilege from pg_class c, (values {{privileges}}) r (privilege)
    where c.relnamespace in {OURS} and c.relkind in {{kinds}} and has_{{what}}_privilege(%s, c.oid, r.privilege)"""
FUNCTIONS_WITH_RIGHTS = f"""
    select p.oid::regprocedure::text from pg_proc p
    where p.pronamespace in {OURS} and has_function_privilege(%s, p.oid, 'execute')"""


def rights(connection: psycopg.Connection, role: str) -> list[tuple[str, ...]]:
    """Everything of ours that `role` may touch: found in the catalogue, so that a forgotten one is noticed."""
    tables = TABLES_WITH_RIGHTS.format(
        privileges="('select'), ('insert'), ('update'), ('delete'), ('truncate')",
        kinds="('r', 'v', 'm', 'p')",
        what="table",
    )
    sequences = TABLES_WITH_RIGHTS.format(
        privileges="('usage'), ('select'), ('update')", kinds="('S')", what="sequence"
    )
    return [
        found
        for query in (tables, sequences, FUNCTIONS_WITH_RIGHTS)
        for found in connection.execute(query.encode(), (role,)).fetchall()
    ]


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_public_roles_may_nothing(careless: psycopg.Connection, role: str) -> None:
    assert rights(careless, role) == []
    careless.execute(f"set role {role}".encode())
    for statement in (
        "select * from public.phone_calls",
        "select search('x', null, 1)",
        "select frontdesk.threads('{}')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            careless.execute(statement.encode())


def test_a_forgotten_right_would_be_noticed(careless: psycopg.Connection) -> None:
    careless.execute("create function public.forgotten() returns int language sql return 1")
    careless.execute("create table public.left_open (id int)")
    found = rights(careless, "anon")
    assert ("forgotten()",) in found
    assert ("left_open", "select") in found


def test_no_function_can_be_led_astray_by_a_search_path(connection: psycopg.Connection) -> None:
    """A body that is text is looked up when it runs; the others were resolved when they were made."""
    loose = connection.execute(
        f"select p.oid::regprocedure::text from pg_proc p where p.pronamespace in {OURS}"
        " and p.prosqlbody is null and p.prokind = 'f'"
        " and not coalesce(p.proconfig::text like '%search_path=%', false)".encode()
    ).fetchall()
    assert loose == []


def test_every_table_has_row_level_security(connection: psycopg.Connection) -> None:
    open_tables = connection.execute(
        "select relname from pg_class where relkind in ('r', 'p') and not relrowsecurity"
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


def test_the_service_role_may_call_every_function_but_the_one_that_grants_rights(
    connection: psycopg.Connection,
) -> None:
    everything = connection.execute(
        f"select count(*) from pg_proc p where p.pronamespace in {OURS} and p.proname <> 'grant_rights'".encode()
    ).fetchone()
    assert everything == (len(connection.execute(FUNCTIONS_WITH_RIGHTS.encode(), ("service_role",)).fetchall()),)


def test_the_public_roles_may_nothing_with_anything_there_is(careless: psycopg.Connection) -> None:
    """However many tables and functions migrations add."""
    things = careless.execute(
        """
        select c.oid::regclass::text from pg_class c, unnest(array['anon', 'authenticated']) role
        where c.relkind in ('r', 'v', 'S') and c.relnamespace in ('public'::regnamespace, 'frontdesk'::regnamespace)
          and case when c.relkind = 'S' then has_sequence_privilege(role, c.oid, 'usage')
            else has_table_privilege(role, c.oid, 'select, insert, update, delete') end
        union all
        select p.oid::regprocedure::text from pg_proc p, unnest(array['anon', 'authenticated']) role
        where p.pronamespace in ('public'::regnamespace, 'frontdesk'::regnamespace)
          and has_function_privilege(role, p.oid, 'execute')
        """
    ).fetchall()
    assert things == []
