"""Days that come back every year, in words: `December 25`, `July 4, observed`, `fourth Thursday of November`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_LAST = "last"

_FIXED = re.compile(r"(?P<month>[a-z]+) (?P<day>\d{1,2})(?P<observed>,? observed)?")
_NTH = re.compile(r"(?P<after>day after )?(?:the )?(?P<nth>[a-z]+) (?P<weekday>[a-z]+) (?:of|in) (?P<month>[a-z]+)")
_EXAMPLE = 'write "December 25", "July 4, observed", "last Monday of May" or "day after fourth Thursday of November"'
_LEAP_YEAR = 2024
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True)
class FixedDay:
    """The same date each year. `observed`: on a Saturday also the Friday before, on a Sunday also the Monday after."""

    month: int
    day: int
    observed: bool = False

    def falls_on(self, day: date) -> bool:
        """Whether `day` is the holiday, or the day it is observed on."""
        if self._is(day):
            return True
        if not self.observed:
            return False
        tomorrow, yesterday = day + timedelta(days=1), day - timedelta(days=1)
        return (tomorrow.weekday() == _SATURDAY and self._is(tomorrow)) or (
            yesterday.weekday() == _SUNDAY and self._is(yesterday)
        )

    def _is(self, day: date) -> bool:
        return (day.month, day.day) == (self.month, self.day)


@dataclass(frozen=True)
class NthWeekday:
    """Such as the fourth Thursday of November; `nth` None is the last one. `later` days are added."""

    nth: int | None
    weekday: int
    month: int
    later: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether `day` is the holiday."""
        base = day - timedelta(days=self.later)
        if (base.month, base.weekday()) != (self.month, self.weekday):
            return False
        if self.nth is None:
            return base.day + 7 > monthrange(base.year, base.month)[1]
        return (base.day - 1) // 7 + 1 == self.nth


Rule = FixedDay | NthWeekday


def parse_rule(text: str) -> Rule:
    """A rule in words. Raises `ValueError` with what is wrong."""
    said = " ".join(text.lower().split())
    if found := _FIXED.fullmatch(said):
        month, day = _place(MONTHS, found["month"], "month") + 1, int(found["day"])
        if not 1 <= day <= monthrange(_LEAP_YEAR, month)[1]:
            raise ValueError(f'"{text}": {MONTHS[month - 1].capitalize()} has no day {day}')
        return FixedDay(month, day, observed=found["observed"] is not None)
    if found := _NTH.fullmatch(said):
        nth = None if found["nth"] == _LAST else _place(_ORDINALS, found["nth"], "ordinal") + 1
        weekday, month = _place(WEEKDAYS, found["weekday"], "weekday"), _place(MONTHS, found["month"], "month") + 1
        return NthWeekday(nth, weekday, month, later=1 if found["after"] else 0)
    raise ValueError(f'"{text}" is no day of the year; {_EXAMPLE}')


def _place(names: tuple[str, ...], name: str, kind: str) -> int:
    if name not in names:
        raise ValueError(f'"{name}" is no {kind}; {_EXAMPLE}')
    return names.index(name)
