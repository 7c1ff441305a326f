"""The numbers are always those of the rows."""

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.recorder import Row, as_json, record
from support.recorder_day import a_day

DAY = as_json(a_day())

_COUNTED = """
    select hour, kind, provider, a, b, sum(n)::int, sum(total)::float, sum(cost)::float
    from frontdesk.counts group by 1, 2, 3, 4, 5
    having sum(n) <> 0 or sum(total) <> 0 or sum(cost) <> 0 order by 1, 2, 3, 4, 5"""
_OF_ROWS = """
    select hour, kind, provider, a, b, sum(n)::int, sum(total)::float, sum(cost)::float from (
      select s.* from phone_calls r, frontdesk.stats_of(r) s
      union all select s.* from sms_conversations r, frontdesk.stats_of(r) s
      union all select s.* from recordings r, frontdesk.stats_of(r) s) s
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"""

_OF_DAYS = """
    select start, hour, kind, provider, a, b, sum(n)::int, sum(total)::float, sum(cost)::float
    from frontdesk.day_counts group by 1, 2, 3, 4, 5, 6
    having sum(n) <> 0 or sum(total) <> 0 or sum(cost) <> 0 order by 1, 2, 3, 4, 5, 6"""
_OF_HOURS = """
    select start, date_bin('1 day', hour, '2000-01-01Z'::timestamptz + make_interval(hours => start)) as day, kind,
      provider, a, b, sum(n)::int, sum(total)::float, sum(cost)::float
    from frontdesk.counts, (values (0), (6), (12), (18)) s (start) group by 1, 2, 3, 4, 5, 6
    having sum(n) <> 0 or sum(total) <> 0 or sum(cost) <> 0 order by 1, 2, 3, 4, 5, 6"""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(DAY), size=st.integers(1, 9), fold_every=st.integers(1, 5))
def test_the_counts_are_the_rows_whatever_comes_when(
    connection: psycopg.Connection, order: list[Row], size: int, fold_every: int
) -> None:
    with connection.transaction(force_rollback=True):
        for number, start in enumerate(range(0, len(order), size)):
            record(connection, order[start : start + size])
            if number % fold_every == 0:
                connection.execute("select fold_counts()")
        connection.execute("delete from phone_calls where call_sid = '17'")
        counted = connection.execute(_COUNTED).fetchall()
        assert counted == connection.execute(_OF_ROWS).fetchall()
        assert connection.execute(_OF_DAYS).fetchall() == connection.execute(_OF_HOURS).fetchall()
        assert {row[1] for row in counted} == {"call", "text", "category", "busy", "reply", "transcript"}


def test_folding_leaves_no_delta_behind(connection: psycopg.Connection) -> None:
    record(connection, DAY)
    before = connection.execute(_COUNTED).fetchall()
    assert connection.execute("select fold_counts() > 0").fetchone() == (True,)
    assert connection.execute("select count(*) from frontdesk.stat_deltas").fetchone() == (0,)
    assert connection.execute(_COUNTED).fetchall() == before
