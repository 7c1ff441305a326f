"""Both ways to the database do the same: one suite for each."""

from typing import Any

import psycopg
import pytest

from chassis.failures import Refused, Unavailable
from contracts.call import CallStatusChanged
from contracts.sms import SmsReceived
from recorder.database import NOT_MIGRATED, Database, failure
from recorder.direct import DirectDatabase
from recorder.through_supabase import SupabaseDatabase
from support.postgrest import postgrest
from support.recorder import PARTIES, TABLES, TAKES_NO_POISON, as_json, event, everything, serving
from support.recorder_day import a_day

DAY = as_json(a_day())


async def calls(database: Database) -> list[Any]:
    return await database.call("list_calls", wanted={}, after=None, how_many=9)


async def messages(database: Database, how_many: int = 9) -> list[Any]:
    return await database.call("list_messages", wanted={}, after=None, how_many=how_many)


async def test_recording_is_counted_and_repeats_change_nothing(database: Database) -> None:
    assert await database.record(DAY) > 0
    assert await database.record(DAY) == 0


async def test_both_ways_write_and_read_the_same(
    direct: Database, through_supabase: Database, connection: psycopg.Connection
) -> None:
    await direct.record(DAY)
    written = everything(connection)
    connection.execute(f"truncate events, frontdesk.event_targets, {', '.join(TABLES)}".encode())
    await through_supabase.record(DAY)
    assert everything(connection) == written
    assert await calls(direct) == await calls(through_supabase) != []
    assert await messages(direct) == await messages(through_supabase) != []


async def test_rows_come_newest_first_and_no_more_than_asked_for(database: Database) -> None:
    texts = [event(SmsReceived, minute=n, message_sid=f"SM{n}", **PARTIES, message="x", metadata={}) for n in range(5)]
    await database.record(as_json(texts))
    assert [row["message_sid"] for row in await messages(database, 3)] == ["SM4", "SM3", "SM2"]
    assert (await messages(database, 1))[0]["occurred_at"] == "2026-09-07T16:04:00+00:00"
    assert await calls(database) == []


async def test_data_that_never_fits_is_refused_without_repeating_it(
    database: Database, connection: psycopg.Connection
) -> None:
    connection.execute(TAKES_NO_POISON)
    bad = event(CallStatusChanged, call_sid="CApoison", status="completed", metadata={})
    with pytest.raises(Refused) as refused:
        await database.record(as_json([bad]))
    assert "23514" in str(refused.value)
    assert "CApoison" not in str(refused.value)
    assert await calls(database) == []


async def test_a_working_database_has_no_problem(database: Database) -> None:
    assert await database.problem() is None


@pytest.mark.parametrize("way", ["direct", "through_supabase"])
async def test_a_database_that_is_not_migrated_is_named_and_loses_nothing(database_url: str, way: str) -> None:
    async with serving(postgrest(database_url, "key")) as url:
        with psycopg.connect(database_url) as owner:
            owner.execute("do $$ begin create role service_role; exception when others then null; end $$")
        database: Database = DirectDatabase(database_url) if way == "direct" else SupabaseDatabase(url, "key")
        assert await database.problem() == NOT_MIGRATED
        with pytest.raises(Unavailable):
            await database.record(DAY)
        await database.close()


@pytest.mark.parametrize("way", ["direct", "through_supabase", "supabase_without_database"])
async def test_a_database_that_is_away_is_unavailable(free_port: int, way: str) -> None:
    nowhere = f"postgresql://postgres:secret@127.0.0.1:{free_port}/postgres"
    async with serving(postgrest(nowhere, "key")) as url:
        ways: dict[str, Database] = {
            "direct": DirectDatabase(nowhere),
            "through_supabase": SupabaseDatabase(f"http://127.0.0.1:{free_port}", "key"),
            "supabase_without_database": SupabaseDatabase(url, "key"),
        }
        with pytest.raises(Unavailable) as away:
            await ways[way].record(DAY)
        assert "secret" not in str(away.value)
        for database in ways.values():
            await database.close()


async def test_a_wrong_key_is_no_reason_to_lose_events(migrated_url: str) -> None:
    async with serving(postgrest(migrated_url, "key")) as url:
        database = SupabaseDatabase(url, "another key")
        with pytest.raises(Unavailable):
            await database.record(DAY)
        await database.close()


@pytest.mark.parametrize("code", ["22P02", "22003", "23502", "54000", "P0001", "413"])
def test_only_the_data_itself_is_refused(code: str) -> None:
    assert isinstance(failure(code), Refused)


@pytest.mark.parametrize(
    "code", ["08006", "53300", "57P01", "57014", "40001", "42501", "42883", "25006", "PGRST000", "PGRST202", "PGRST301",
             "229", "500", "502", "429", "401", None]
)  # fmt: skip
def test_everything_else_may_be_repaired(code: str | None) -> None:
    assert isinstance(failure(code), Unavailable)
