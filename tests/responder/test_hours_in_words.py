"""Hours and holidays as a practice writes them."""

from calendar import Calendar, monthrange
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.hours.holidays import MONTHS, WEEKDAYS, parse_rule
from responder.hours.spans import Span, parse_spans, parse_time


@pytest.mark.parametrize(
    ("written", "spans"),
    [
        ("closed", ()),
        ("Closed ", ()),
        ("8am-5pm", (Span(480, 1020),)),
        ("8 AM – 5 p.m.", (Span(480, 1020),)),
        ("08:00-12:00, 13:00-17:30", (Span(480, 720), Span(780, 1050))),
        ("12am-12pm", (Span(0, 720),)),
        ("10pm-2am", (Span(1320, 1560),)),
        ("12pm-12am", (Span(720, 1440),)),
        ("0:00-24:00", (Span(0, 1440),)),
    ],
)
def test_hours_as_they_are_written(written: str, spans: tuple[Span, ...]) -> None:
    assert parse_spans(written) == spans


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("8-5", "no time of day"),  # in the morning?
        ("8am", "no span of hours"),
        ("", "no span of hours"),
        ("8am-5pm-6pm", "no span of hours"),
        ("13pm-5pm", "from 1 to 12"),
        ("0am-5pm", "from 1 to 12"),
        ("25:00-26:00", "no time of day"),
        ("8:60-9:00", "no time of day"),
        ("8am-8am", "no length"),
        ("24:00-3:00", "no length"),
        ("8am-12pm, 12pm-5pm", "after the one before"),
        ("1pm-5pm, 8am-12pm", "after the one before"),
        ("8am-12pm, 10pm-9am", "reaches into"),
    ],
)
def test_hours_that_mean_nothing_are_refused(written: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_spans(written)


@given(st.times())
def test_every_time_of_day_can_be_written_both_ways(time: time) -> None:
    minutes = time.hour * 60 + time.minute
    assert parse_time(f"{time:%H:%M}") == minutes
    assert parse_time(f"{time:%-I:%M%p}") == minutes


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("December 25", ["2026-12-25", "2027-12-25"]),
        ("december  25", ["2026-12-25", "2027-12-25"]),
        ("July 4, observed", ["2026-07-03", "2026-07-04", "2027-07-04", "2027-07-05"]),
        ("January 1, observed", ["2026-01-01", "2027-01-01", "2027-12-31"]),  # of 2028, a Saturday
        ("fourth Thursday of November", ["2026-11-26", "2027-11-25"]),
        ("the last Monday in May", ["2026-05-25", "2027-05-31"]),
        ("first Monday of September", ["2026-09-07", "2027-09-06"]),
        ("day after fourth Thursday of November", ["2026-11-27", "2027-11-26"]),
        ("fifth Monday of February", []),
        ("February 29", []),
    ],
)
def test_the_days_of_a_rule(rule: str, days: list[str]) -> None:
    first = date(2026, 1, 1)
    every = [first + timedelta(days=ahead) for ahead in range(730)]
    assert [str(day) for day in every if parse_rule(rule).falls_on(day)] == days


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("25 December", "no day of the year"),
        ("Dezember 25", '"dezember" is no month'),
        ("April 31", "April has no day 31"),
        ("sixth Monday of May", '"sixth" is no ordinal'),
        ("first Moonday of May", '"moonday" is no weekday'),
        ("Easter", "no day of the year"),
    ],
)
def test_rules_that_mean_no_day_are_refused(rule: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_rule(rule)


NTHS = ("first", "second", "third", "fourth", "fifth", "last")


@given(st.sampled_from(NTHS), st.integers(0, 6), st.integers(1, 12), st.integers(1970, 2100))
def test_the_calendar_on_the_wall_agrees(nth: str, weekday: int, month: int, year: int) -> None:
    rule = parse_rule(f"{nth} {WEEKDAYS[weekday]} of {MONTHS[month - 1]}")
    column = [day for day, on in Calendar().itermonthdays2(year, month) if day and on == weekday]
    expected = column[-1:] if nth == "last" else column[NTHS.index(nth) : NTHS.index(nth) + 1]
    days = [day for day in range(1, monthrange(year, month)[1] + 1) if rule.falls_on(date(year, month, day))]
    assert days == expected
