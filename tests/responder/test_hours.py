"""When the practice is open: examples of every rule, and a scan of the wall clock, minute by minute, as the judge."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from responder.hours.calendar import Calendar, Holiday, SpecialDays, every_day
from responder.hours.holidays import FixedDay, NthWeekday
from responder.hours.opening import closes_at, explain, is_open, next_opening
from responder.hours.spans import DAY, Span, Spans, parse_spans

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = timedelta(minutes=1)

ZONES = (
    "America/New_York",
    "America/Phoenix",  # never changes its clock
    "America/St_Johns",  # half an hour off; its clock changed one minute after midnight until 2011
    "America/Havana",  # its clock changes at midnight
    "America/Santiago",
    "Africa/Casablanca",  # puts its clock back for Ramadan
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # left out 30 December 2011
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The days from 2007 to 2030 on which the clock is changed."""
    days = [datetime(2007, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(24 * 365)]
    local = ZoneInfo(zone)
    return tuple(
        one for one, other in pairwise(days) if one.astimezone(local).utcoffset() != other.astimezone(local).utcoffset()
    )


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """The hours of a day, now and then past midnight, up to none and all of it."""
    ends = sorted(draw(st.sets(st.integers(0, DAY - 1), max_size=6)))
    found = [Span(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False)]
    if len(ends) % 2:
        found.append(Span(ends[-1], draw(st.integers(ends[-1] + 1, ends[0] + DAY))))
    return tuple(found)


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """Whole minutes, most of them around a change of the clock."""
    days = st.sampled_from(changes(zone) or (datetime(2026, 6, 1, tzinfo=UTC),))
    around = st.integers(-2 * DAY, 2 * DAY)
    return draw(days) + draw(around) * MINUTE


@st.composite
def questions(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A practice, and a moment at which somebody asks, with holidays and special days close by."""
    zone = draw(st.sampled_from(ZONES))
    at = draw(moments(zone))
    today = at.astimezone(ZoneInfo(zone)).date()
    closed_or_not = st.one_of(st.just(()), spans())
    week = draw(st.tuples(*[closed_or_not] * 7))
    holiday = today + timedelta(days=draw(st.integers(-1, 2)))
    special = today + timedelta(days=draw(st.integers(-2, 2)))
    calendar = Calendar(
        ZoneInfo(zone),
        week,
        (Holiday("a holiday", FixedDay(holiday.month, holiday.day), draw(closed_or_not)),),
        (SpecialDays(special, special + timedelta(days=draw(st.integers(0, 1))), draw(closed_or_not), "special"),),
    )
    return calendar, at


def scanned(calendar: Calendar, at: datetime, days: int) -> Iterator[tuple[datetime, bool]]:
    """Every minute from `at` on for so many days, and whether the practice is open: no arithmetic, only looking.

    A time has come when the clock on the wall has shown it or a later one before; so the latest reading so far decides.
    """
    moment = at - timedelta(days=2)
    latest = moment.astimezone(calendar.zone).replace(tzinfo=None)
    open_from_to: list[tuple[datetime, datetime]] = []
    known: set[date] = set()
    while moment < at + timedelta(days=days):
        latest = max(latest, moment.astimezone(calendar.zone).replace(tzinfo=None))
        for day in (latest.date() - timedelta(days=1), latest.date()):
            if day not in known:
                known.add(day)
                midnight = datetime.combine(day, time())
                open_from_to += [
                    (midnight + span.start * MINUTE, midnight + span.end * MINUTE) for span in calendar.day(day).spans
                ]
        if moment >= at:
            yield moment, any(start <= latest < end for start, end in open_from_to)
        moment += MINUTE


@settings(deadline=None, max_examples=60)
@given(questions())
def test_the_clock_on_the_wall_agrees(question: tuple[Calendar, datetime]) -> None:
    calendar, at = question
    scan = list(scanned(calendar, at, days=2))
    for moment, expected in (*scan[:3], *scan[::61]):
        assert is_open(calendar, moment) == expected, moment
    last = scan[-1][0]
    opens = next_opening(calendar, at)
    first_open = next((moment for moment, is_it in scan if is_it), None)
    assert opens == first_open if first_open else opens is None or opens > last
    closes = closes_at(calendar, at)
    if scan[0][1]:
        first_closed = next((moment for moment, is_it in scan if not is_it), None)
        assert closes == first_closed if first_closed else closes is None or closes > last
    else:
        assert closes is None


@settings(deadline=None)
@given(questions(), st.integers(0, 59), st.integers(0, 999_999))
def test_the_next_opening_is_open_in_utc_and_stays_the_next_until_then(
    question: tuple[Calendar, datetime], second: int, microsecond: int
) -> None:
    calendar, minute = question
    at = minute.replace(second=second, microsecond=microsecond).astimezone(calendar.zone)
    opens = next_opening(calendar, at)
    if opens is None:
        assert not any(calendar.week)
        return
    assert opens.tzinfo is UTC
    assert opens >= at
    assert is_open(calendar, opens)
    assert (opens == at.astimezone(UTC)) == is_open(calendar, at)
    if not is_open(calendar, at):
        assert not is_open(calendar, opens - timedelta(microseconds=1))
        assert next_opening(calendar, opens - (opens - at) / 2) == opens
    closes = closes_at(calendar, opens)
    assert closes is None or (closes > opens and not is_open(calendar, closes))


@settings(deadline=None)
@given(questions())
def test_what_is_explained_is_what_holds(question: tuple[Calendar, datetime]) -> None:
    calendar, at = question
    found = explain(calendar, at)
    assert found.open == is_open(calendar, at)
    assert found.next_opening == next_opening(calendar, at)
    assert found.closes_at == closes_at(calendar, at)
    if found.open:
        assert found.day.spans


WEEK = tuple(parse_spans(hours) for hours in (*["8am-12pm, 1pm-5pm"] * 5, "10pm-2am", "closed"))


def practice(*, holidays: tuple[Holiday, ...] = (), special_days: tuple[SpecialDays, ...] = ()) -> Calendar:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = WEEK
    week = (monday, tuesday, wednesday, thursday, friday, saturday, sunday)
    return Calendar(NEW_YORK, week, holidays, special_days)


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


THANKSGIVING = Holiday("Thanksgiving", NthWeekday(4, 3, 11), ())
CHRISTMAS_EVE = Holiday("Christmas Eve", FixedDay(12, 24), parse_spans("8am-noon".replace("noon", "12pm")))
TRAINING = SpecialDays(date(2026, 11, 27), date(2026, 11, 30), (), "training")
DRILL = SpecialDays(date(2026, 11, 26), date(2026, 11, 26), parse_spans("10am-11am"), "drill")


@pytest.mark.parametrize(
    ("calendar", "asked", "opens"),
    [
        (practice(), "2026-11-23 08:00", "2026-11-23 08:00"),  # on the dot
        (practice(), "2026-11-23 12:00", "2026-11-23 13:00"),  # lunch
        (practice(), "2026-11-23 17:00", "2026-11-24 08:00"),  # closing time is closed
        (practice(), "2026-11-22 01:59", "2026-11-22 01:59"),  # Saturday's hours, on Sunday
        (practice(), "2026-11-22 02:00", "2026-11-23 08:00"),
        (practice(holidays=(THANKSGIVING,)), "2026-11-26 09:00", "2026-11-27 08:00"),
        (practice(holidays=(THANKSGIVING,), special_days=(TRAINING,)), "2026-11-25 17:00", "2026-12-01 08:00"),
        (practice(holidays=(THANKSGIVING,), special_days=(DRILL,)), "2026-11-26 09:00", "2026-11-26 10:00"),
        (practice(holidays=(CHRISTMAS_EVE,)), "2026-12-24 13:00", "2026-12-25 08:00"),
    ],
)
def test_the_next_opening(calendar: Calendar, asked: str, opens: str) -> None:
    assert next_opening(calendar, new_york(asked)) == new_york(opens)


@pytest.mark.parametrize(
    ("hours", "day", "opens", "closes"),
    [
        # 8 March 2026: 2:00 becomes 3:00 in New York. What does not exist begins when the clock jumps.
        ("2:30am-5am", "2026-03-08", "2026-03-08T07:00Z", "2026-03-08T09:00Z"),
        ("1am-2:30am", "2026-03-08", "2026-03-08T06:00Z", "2026-03-08T07:00Z"),
        ("2:15am-2:45am", "2026-03-08", "2026-03-09T06:15Z", "2026-03-09T06:45Z"),  # not at all; the next day then
        # 1 November 2026: 2:00 becomes 1:00 again. The first of the two hours counts.
        ("1:30am-5am", "2026-11-01", "2026-11-01T05:30Z", "2026-11-01T10:00Z"),
        ("12am-1:30am", "2026-11-01", "2026-11-01T04:00Z", "2026-11-01T05:30Z"),
        ("10pm-4am", "2026-10-31", "2026-10-31T04:00Z", "2026-10-31T08:00Z"),  # since the evening before
    ],
)
def test_the_clock_is_changed(hours: str, day: str, opens: str, closes: str) -> None:
    calendar = every_day(NEW_YORK, parse_spans(hours))
    found = next_opening(calendar, new_york(f"{day} 00:00"))
    assert found == datetime.fromisoformat(opens)
    assert closes_at(calendar, found) == datetime.fromisoformat(closes)


def test_a_practice_that_never_opens_has_no_next_opening() -> None:
    never = every_day(NEW_YORK, ())
    assert next_opening(never, new_york("2026-11-23 08:00")) is None
    assert explain(never, new_york("2026-11-23 08:00")).next_opening is None


def test_a_practice_that_never_closes_is_open_and_has_no_closing() -> None:
    always = every_day(NEW_YORK, parse_spans("0:00-24:00"))
    at = new_york("2026-03-08 01:30")
    assert is_open(always, at)
    assert next_opening(always, at) == at
    assert closes_at(always, at) is None


def test_hours_that_meet_at_midnight_are_one_opening() -> None:
    calendar = every_day(NEW_YORK, parse_spans("8pm-12am"), frozenset({0}))
    late = Calendar(NEW_YORK, (*calendar.week[:1], parse_spans("12am-3am"), *calendar.week[2:]))
    assert closes_at(late, new_york("2026-11-23 21:00")) == new_york("2026-11-24 03:00")


def test_the_date_that_samoa_left_out_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    calendar = every_day(apia, parse_spans("8am-5pm"))
    evening = datetime(2011, 12, 29, 18, tzinfo=apia)
    assert next_opening(calendar, evening) == datetime(2011, 12, 31, 8, tzinfo=apia)


def test_an_explanation_names_the_reason() -> None:
    calendar = practice(holidays=(THANKSGIVING,), special_days=(TRAINING,))
    reasons = {day: explain(calendar, new_york(f"{day} 09:00")).day.because for day in ("2026-11-26", "2026-11-27")}
    assert reasons == {"2026-11-26": "holiday: Thanksgiving", "2026-11-27": "special day: training"}
    past_midnight = explain(calendar, new_york("2026-11-22 01:00"))
    assert (past_midnight.day.date, past_midnight.day.because) == (date(2026, 11, 21), "the hours of every Saturday")


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)))
@example(date(2026, 12, 24))
def test_one_reason_gives_a_day_its_hours(day: date) -> None:
    calendar = practice(holidays=(THANKSGIVING, CHRISTMAS_EVE), special_days=(TRAINING,))
    found = calendar.day(day)
    assert found.spans in calendar.all_spans()
    kind = found.because.split(":")[0]
    assert (kind == "holiday") == (
        (day.month, day.day) == (12, 24) or (day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28)
    )
