"""Stretches of time a person chooses from, in whole days of the practice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from recorder.web.pages.views.clock import Clock
from recorder.web.reading.questions import Granularity


@dataclass(frozen=True)
class Period:
    """A choice in a list."""

    id: str
    name: str
    bars: int
    """How many of `granularity` at most, the present one included."""
    granularity: Granularity


PERIODS = (
    Period("today", "Today", 24, "hour"),
    Period("week", "7 days", 7, "day"),
    Period("month", "30 days", 30, "day"),
    Period("quarter", "13 weeks", 13, "week"),
    Period("year", "12 months", 12, "month"),
)


def period_named(id_: str, default: str = "month") -> Period:
    """The period of that name; the default for any other name."""
    known = {each.id: each for each in PERIODS}
    return known.get(id_) or known[default]


def first_day(chosen: Period, today: date) -> date:
    """Where a period begins: with a whole week or month, so that the first bar is comparable with the others."""
    if chosen.granularity == "month":
        months = today.year * 12 + today.month - chosen.bars
        return date(months // 12, months % 12 + 1, 1)
    if chosen.granularity == "week":
        return today - timedelta(days=today.weekday() + 7 * (chosen.bars - 1))
    return today - timedelta(days=chosen.bars - 1 if chosen.granularity == "day" else 0)


def steps(chosen: Period, clock: Clock) -> Iterator[datetime]:
    """The local first moment, without zone, of each bar from the first until now."""
    at = datetime.combine(first_day(chosen, clock.today), datetime.min.time())
    end = clock.now.astimezone(clock.zone).replace(tzinfo=None)
    while at <= end:
        yield at
        at = _after(at, chosen.granularity)


def _after(at: datetime, granularity: Granularity) -> datetime:
    if granularity == "month":
        return (at.replace(day=1) + timedelta(days=32)).replace(day=1)
    return at + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[granularity]


def label(at: datetime, granularity: Granularity) -> str:
    """What stands below a bar: `9 am`, `Sep 7`, `Sep 2026`."""
    if granularity == "hour":
        return f"{at.hour % 12 or 12} {'am' if at.hour < 12 else 'pm'}"
    return f"{at:%b} {at.year}" if granularity == "month" else f"{at:%b} {at.day}"
