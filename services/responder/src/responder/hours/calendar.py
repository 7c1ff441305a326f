"""Which hours a date has: a special day beats a holiday, a holiday beats the weekday."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from responder.hours.holidays import WEEKDAYS, Rule
from responder.hours.spans import Spans


@dataclass(frozen=True)
class Holiday:
    """A day of every year, with the hours it has; closed without any."""

    name: str
    rule: Rule
    spans: Spans


@dataclass(frozen=True)
class SpecialDays:
    """Dates from `first` to `last`, both included, with hours of their own; closed without any."""

    first: date
    last: date
    spans: Spans
    reason: str


@dataclass(frozen=True)
class Day:
    """The hours of one date, and why it has these, in words for staff."""

    date: date
    spans: Spans
    because: str


@dataclass(frozen=True)
class Calendar:
    """A practice's hours. `week` begins on Monday. All times are what a clock on the wall in `zone` shows."""

    zone: ZoneInfo
    week: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    holidays: tuple[Holiday, ...] = ()
    special_days: tuple[SpecialDays, ...] = ()

    def day(self, day: date) -> Day:
        """The hours that begin on `day`."""
        for special in self.special_days:
            if special.first <= day <= special.last:
                return Day(day, special.spans, f"special day: {special.reason}")
        for holiday in self.holidays:
            if holiday.rule.falls_on(day):
                return Day(day, holiday.spans, f"holiday: {holiday.name}")
        return Day(day, self.week[day.weekday()], f"the hours of every {WEEKDAYS[day.weekday()].capitalize()}")

    def all_spans(self) -> frozenset[Spans]:
        """All hours that some date may have."""
        return frozenset((*self.week, *(one.spans for one in self.holidays), *(one.spans for one in self.special_days)))


def every_day(zone: ZoneInfo, spans: Spans, weekdays: frozenset[int] = frozenset(range(7))) -> Calendar:
    """The same hours on each of `weekdays` (0 is Monday), whatever else the day is."""
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
        spans if day in weekdays else () for day in range(7)
    )
    return Calendar(zone, (monday, tuesday, wednesday, thursday, friday, saturday, sunday))
