"""The charts' numbers, held against a plain recount of the rows in Python."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.call import CallDetailRecorded
from contracts.sms import SmsReceived
from support.events import NOON
from support.recorder import PARTIES, as_json, event, record

START = datetime(2026, 10, 28, tzinfo=UTC)
"""A few days before clocks go back in New York (2026-11-01 06:00 UTC) and after they did in Europe."""
HOURS = 24 * 12

ASKED = "select analytics(%s, %s, %s, %s)"


def local_start(at: datetime, granularity: str, zone: str) -> str:
    """The beginning of the local hour, day, week or month, as the answer has it."""
    hour = at.replace(minute=0, second=0, microsecond=0)  # counted by the UTC hour
    local = hour.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if granularity != "hour":
        local = local.replace(hour=0)
    if granularity == "week":
        local -= timedelta(days=local.weekday())
    if granularity == "month":
        local = local.replace(day=1)
    return local.isoformat()


def a_call(number: int, at: datetime) -> Any:
    said: dict[str, Any] = {"started_at": at, "duration": number + 1, "price": "-0.25", "price_unit": "USD"}
    status = "completed" if number % 2 else "no-answer"
    minute = (at - NOON) / timedelta(minutes=1)
    return event(
        CallDetailRecorded, minute=minute, provider="voipms", call_sid=str(number), direction="inbound", status=status,
        **PARTIES, **said, metadata={},
    )  # fmt: skip


def a_text(number: int, at: datetime) -> Any:
    minute = (at - NOON) / timedelta(minutes=1)
    return event(SmsReceived, minute=minute, message_sid=f"SM{number}", **PARTIES, message="x", metadata={})


moments = st.integers(0, HOURS * 60 - 1).map(lambda minutes: START + timedelta(minutes=minutes))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(moments, max_size=12),
    texts=st.lists(moments, max_size=12),
    fold_after=st.integers(0, 12),
    since=st.integers(0, HOURS // 2),
    length=st.integers(1, HOURS // 2 + 48),
    granularity=st.sampled_from(["hour", "day", "week", "month"]),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "UTC", "Pacific/Auckland", "America/Los_Angeles"]),
)
def test_every_number_is_that_of_the_rows_in_the_practices_own_time(
    connection: psycopg.Connection,
    calls: list[datetime],
    texts: list[datetime],
    fold_after: int,
    since: int,
    length: int,
    granularity: str,
    zone: str,
) -> None:
    begin, end = START + timedelta(hours=since), START + timedelta(hours=since + length)
    with connection.transaction(force_rollback=True):
        record(connection, as_json([a_call(n, at) for n, at in enumerate(calls[:fold_after])]))
        connection.execute("select fold_counts()")
        record(connection, as_json([a_call(n, at) for n, at in enumerate(calls)]))
        record(connection, as_json([a_text(n, at) for n, at in enumerate(texts)]))
        found = connection.execute(ASKED, (begin, end, granularity, zone)).fetchone()
    assert found is not None
    answer = found[0]
    inside = [(n, at) for n, at in enumerate(calls) if begin <= at < end]
    heard = [at for at in texts if begin <= at < end]

    def at_of(at: datetime) -> str:
        return local_start(at, granularity, zone)

    assert {row["at"]: row["calls"] for row in answer["calls"]} == Counter(at_of(at) for _, at in inside)
    seconds: Counter[str] = Counter()
    for number, at in inside:
        seconds[at_of(at)] += number + 1
    assert {row["at"]: row["seconds"] for row in answer["calls"]} == seconds
    missed = Counter(at_of(at) for n, at in inside if n % 2 == 0)
    assert {row["at"]: row["missed"] for row in answer["calls"] if row["missed"]} == missed
    assert {row["at"]: row["inbound"] for row in answer["texts"]} == Counter(at_of(at) for at in heard)
    costs = {at: -0.25 * number for at, number in Counter(at_of(at) for _, at in inside).items()}
    assert {row["at"]: row["cost"] for row in answer["costs"]} == costs
    hours = [at.astimezone(ZoneInfo(zone)) for _, at in inside]
    by_hour = {(row["weekday"], row["hour_of_day"]): row["calls"] for row in answer["by_hour"] if row["calls"]}
    assert by_hour == Counter((local.isoweekday(), local.hour) for local in hours)
