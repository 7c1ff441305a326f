"""Rows are a pure function of the set of events: any order, any repeats, any batches, any number of writers."""

import itertools
import random
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.call import CallDetailRecorded, CallStatusChanged
from contracts.examples import EXAMPLES
from support.recorder import TABLES, Row, as_json, event, everything, record, rows
from support.recorder_day import a_day

DAY = as_json(a_day())


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[Row]]:
    """The day in any order with any repeats, cut into any batches."""
    order = draw(st.permutations([*DAY, *draw(st.lists(st.sampled_from(DAY), max_size=20))]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=12)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def forget(connection: psycopg.Connection) -> None:
    connection.execute(f"truncate events, frontdesk.event_targets, {', '.join(TABLES)}".encode())


@pytest.fixture
def in_order(connection: psycopg.Connection) -> dict[str, list[Row]]:
    """What the day makes of the tables when every event comes alone, once, in order."""
    for each in DAY:
        record(connection, [each])
    found = everything(connection)
    assert all(found.values())
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=deliveries())
def test_any_shuffle_with_repeats_gives_the_rows_of_the_day_in_order(
    connection: psycopg.Connection, in_order: dict[str, list[Row]], batches: list[list[Row]]
) -> None:
    forget(connection)
    for batch in batches:
        record(connection, batch)
    assert everything(connection) == in_order


ALL = as_json([*a_day(), *EXAMPLES])
PAIRS = list(itertools.combinations(range(len(ALL)), 2))


def test_every_pair_of_events_gives_the_same_rows_in_both_orders(connection: psycopg.Connection) -> None:
    def outcome(*events: Row) -> dict[str, list[Row]]:
        with connection.transaction(force_rollback=True):
            for each in events:
                record(connection, [each])
            return everything(connection)

    about = [{value for value in each["data"].values() if isinstance(value, str) and len(value) > 2} for each in ALL]
    related = [(one, other) for one, other in PAIRS if about[one] & about[other]]
    assert len(related) > 500
    for one, other in related:
        assert outcome(ALL[one], ALL[other]) == outcome(ALL[other], ALL[one]), (ALL[one], ALL[other])


def test_repeats_touch_no_row(connection: psycopg.Connection) -> None:
    assert record(connection, DAY) > 0
    before = [row for table in TABLES for row in connection.execute(f"select * from {table} order by 1, 2".encode())]
    assert record(connection, DAY) == 0
    assert record(connection, DAY[::-1]) == 0
    after = [row for table in TABLES for row in connection.execute(f"select * from {table} order by 1, 2".encode())]
    assert after == before


def test_updated_at_moves_only_with_the_row(connection: psycopg.Connection) -> None:
    def updated_at() -> object:
        found = connection.execute("select updated_at, created_at from phone_calls").fetchone()
        assert found is not None
        return found

    ringing = event(CallStatusChanged, call_sid="CA1", status="ringing", metadata={})
    later = event(CallStatusChanged, minute=1, call_sid="CA1", status="queued", metadata={})
    end = event(CallStatusChanged, minute=2, call_sid="CA1", status="completed", metadata={})
    record(connection, as_json([ringing]))
    first = updated_at()
    record(connection, as_json([later]))
    assert updated_at() == first
    record(connection, as_json([end]))
    assert updated_at() != first


def test_concurrent_writers_of_the_same_calls_lose_nothing(connection: psycopg.Connection, migrated_url: str) -> None:
    calls = [f"CA{number}" for number in range(12)]
    words = ["queued", "ringing", "in-progress", "completed", *(f"word-{number}" for number in range(20))]
    reports = [
        event(CallStatusChanged, minute=minute, call_sid=sid, status=word, metadata={word: "seen"})
        for minute, word in enumerate(words)
        for sid in calls
    ]
    prices = [event(CallDetailRecorded, call_sid=sid, status="completed", price="1", metadata={}) for sid in calls]

    def write(seed: int) -> None:
        """Every writer brings two thirds of the events, in an order of its own, so that all of them overlap."""
        chance = random.Random(seed)
        events = as_json(chance.sample(reports + prices, len(reports + prices)))
        mine = [each for index, each in enumerate(events) if index % 3]
        with psycopg.connect(migrated_url, autocommit=True) as own:
            for start in range(0, len(mine), 7):
                record(own, mine[start : start + 7])

    with ThreadPoolExecutor(6) as writers:
        list(writers.map(write, range(6)))
    concurrent = rows(connection, "phone_calls")
    kept = [
        row[0]
        for row in connection.execute(
            "select jsonb_build_object('id', id, 'type', type, 'time', time, 'data', data) from events"
        )
    ]
    assert {row["id"] for row in kept} == {str(each.id) for each in reports + prices}
    forget(connection)
    record(connection, kept)
    assert concurrent == rows(connection, "phone_calls")
    assert len(concurrent) == len(calls)
    assert all(row["status"] == "completed" and row["price"] == 1 for row in concurrent)
    assert all(set(row["metadata"]) == set(words) for row in concurrent)
