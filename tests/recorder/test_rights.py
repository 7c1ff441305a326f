"""The recorder's own role: its functions, and nothing else."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import recorder
from chassis.failures import Unavailable
from recorder.direct import DirectDatabase
from recorder.migrate import migrate
from recorder.role import FUNCTIONS, ROLE
from support.recorder import TABLES, as_json
from support.recorder_day import a_day

DAY = as_json(a_day())
SOURCES = Path(recorder.__file__).parent
NAMES = {signature.partition("(")[0] for signature in FUNCTIONS}


@pytest.fixture
def as_recorder(recorders_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(recorders_url, autocommit=True) as connection:
        yield connection


async def test_the_recorder_does_its_work_with_its_role(recorders_url: str, connection: psycopg.Connection) -> None:
    database = DirectDatabase(recorders_url)
    assert await database.problem() is None
    assert await database.record(DAY) > 0
    assert await database.call("list_calls", wanted={}, after=None, how_many=9) != []
    assert await database.call("list_messages", wanted={}, after=None, how_many=9) != []
    await database.close()
    for table in ("events", *TABLES):
        assert connection.execute(f"select count(*) from {table}".encode()).fetchone() != (0,)


def made(connection: psycopg.Connection) -> dict[str, str]:
    """Signature and name of each function that the migrations made for callers."""
    return dict(
        connection.execute(
            "select oid::regprocedure::text, proname from pg_proc p where pronamespace = 'public'::regnamespace"
            " and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"
        ).fetchall()
    )


def test_the_role_has_what_the_recorder_calls(connection: psycopg.Connection) -> None:
    code = "".join(file.read_text() for file in SOURCES.rglob("*.py") if file.name != "role.py")
    assert {name for name in made(connection).values() if f'"{name}"' in code} == NAMES


def test_the_recorders_functions_may_be_called(as_recorder: psycopg.Connection, connection: psycopg.Connection) -> None:
    for signature, name in made(connection).items():
        if name in NAMES:
            with contextlib.suppress(psycopg.DataError, psycopg.IntegrityError, psycopg.errors.RaiseException):
                try:
                    as_recorder.execute(with_nulls(signature).encode())
                except psycopg.errors.InsufficientPrivilege as error:
                    pytest.fail(f"{signature}: {error}")


def with_nulls(signature: str) -> str:
    name, _, arguments = signature.removesuffix(")").partition("(")
    return f"select {name}({', '.join(f'null::{kind}' for kind in arguments.split(',') if kind)})"


EVERYTHING = """
select format('select * from %s', c.oid::regclass) from pg_class c where relkind in ('r', 'v', 'm') and {ours}
union all
select format('insert into %s default values', c.oid::regclass) from pg_class c where relkind = 'r' and {ours}
union all
select format('delete from %s', c.oid::regclass) from pg_class c where relkind = 'r' and {ours}
union all
select format('truncate %s', c.oid::regclass) from pg_class c where relkind = 'r' and {ours}
union all
select format('drop table %s', c.oid::regclass) from pg_class c where relkind = 'r' and {ours}
union all
select format('select nextval(%L)', c.oid::regclass) from pg_class c where relkind = 'S' and {ours}
"""
OURS = "relnamespace in (select oid from pg_namespace where nspname in ('public', 'frontdesk', 'supabase_migrations'))"


def test_nothing_else_may_be_touched(as_recorder: psycopg.Connection, connection: psycopg.Connection) -> None:
    statements = [row[0] for row in connection.execute(EVERYTHING.replace("{ours}", OURS).encode())]
    statements += [
        with_nulls(row[0])
        for row in connection.execute(
            "select oid::regprocedure::text from pg_proc where pronamespace = 'frontdesk'::regnamespace"
        )
    ]
    statements += [with_nulls(signature) for signature, name in made(connection).items() if name not in NAMES]
    assert len(statements) > 40
    assert any("erase_person" in statement for statement in statements)
    statements += [
        "create table public.mine (a int)",
        "create schema mine",
        "create role mine",
        "alter role postgres nologin",
    ]
    for statement in statements:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_recorder.execute(statement.encode())


def test_a_function_that_is_made_anew_keeps_its_rights(migrated_url: str, connection: psycopg.Connection) -> None:
    connection.execute("drop function public.latest_change()")
    connection.execute(
        "create function public.latest_change() returns setof jsonb language sql"
        " return (select to_jsonb(count(*)) from public.events)"
    )
    migrate(migrated_url)
    connection.execute(f"set role {ROLE}".encode())
    assert connection.execute("select public.latest_change()").fetchone() == (0,)


def test_functions_of_others_stay_as_they_are(migrated_url: str, connection: psycopg.Connection) -> None:
    theirs = ("somebody_elses()", "search(integer)")  # we have a search as well, of other things
    for signature in theirs:
        connection.execute(f"create function public.{signature} returns integer language sql return 1".encode())
        connection.execute(f"revoke all on function public.{signature} from public".encode())
    migrate(migrated_url)
    connection.execute(f"set role {ROLE}".encode())
    for signature in theirs:
        query = "select prosecdef from pg_proc where oid = %s::regprocedure"
        assert connection.execute(query, [f"public.{signature}"]).fetchone() == (False,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select public.{signature.replace('integer', '1')}".encode())


def test_what_a_caller_puts_in_the_way_is_passed_over(
    as_recorder: psycopg.Connection, connection: psycopg.Connection
) -> None:
    """Temporary things are the caller's own; a function that runs as the owner must not take them for the real ones."""
    as_recorder.execute("create temporary table events (like pg_class)")
    as_recorder.execute("create domain pg_temp.jsonb as text check (false)")
    as_recorder.execute("select public.record_events('[]')")
    paths = connection.execute(
        "select distinct unnest(proconfig) from pg_proc where prosecdef or pronamespace = 'frontdesk'::regnamespace"
    ).fetchall()
    assert {path for (path,) in paths if path.startswith("search_path")} == {"search_path=pg_catalog, pg_temp"}


async def test_another_password_is_no_reason_to_lose_events(recorders_url: str) -> None:
    database = DirectDatabase(make_conninfo(recorders_url, password="another"))
    with pytest.raises(Unavailable):
        await database.record(DAY)
    await database.close()
