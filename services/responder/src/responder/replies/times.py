"""Times as they are said to patients, in the words of their language. Lengths are part of the job: `*_forms` lists all
that can come out for a practice, so that templates can be checked with the longest."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby, product

from responder.hours.spans import DAY, Spans
from responder.practice.phrases import Phrases
from responder.templates import fill

_WEEK = 7
_A_MONDAY = date(2024, 1, 1)
_TWO_DIGITS = 28
"""A day of the month that every month has, as long as any."""


def opening(phrases: Phrases, opens: datetime, now: datetime) -> str:
    """When the practice opens, seen from `now`: `today at 8:00 AM`, `Monday at 8:00 AM`, `Mon, Jan 4 at 8:00 AM`.

    Both are local times of the practice.
    """
    ahead = (opens.date() - now.date()).days
    pattern = phrases.today if ahead == 0 else phrases.this_week if ahead < _WEEK else phrases.later
    return _said(phrases, pattern, opens.date(), opens.time())


def opening_forms(phrases: Phrases, times: Iterable[time]) -> Iterator[str]:
    """Everything `opening` can say of openings at `times`."""
    a_week = [_A_MONDAY + timedelta(days=day) for day in range(_WEEK)]
    for at in times:
        yield _said(phrases, phrases.today, _A_MONDAY, at)
        yield from (_said(phrases, phrases.this_week, day, at) for day in a_week)
        for month, weekday in product(range(12), range(_WEEK)):
            yield _filled(phrases, phrases.later, weekday, _TWO_DIGITS, month, at)


def day(phrases: Phrases, spans: Spans) -> str:
    """The hours of a day: `8am-12pm & 1pm-5pm`, or that it is closed."""
    if not spans:
        return phrases.closed
    return " & ".join(f"{_short(phrases, span.start)}-{_short(phrases, span.end)}" for span in spans)


def week(phrases: Phrases, days: Iterable[Spans]) -> str:
    """`Mon-Thu 8am-5pm, Fri 8am-2pm, Sat-Sun closed`: days with the same hours are joined."""
    said = zip(phrases.weekdays_short, (day(phrases, spans) for spans in days), strict=True)
    runs = [(hours, [name for name, _ in run]) for hours, run in groupby(said, key=lambda one: one[1])]
    return ", ".join(f"{run[0]}-{run[-1]} {hours}" if len(run) > 1 else f"{run[0]} {hours}" for hours, run in runs)


def _said(phrases: Phrases, pattern: str, day: date, at: time) -> str:
    return _filled(phrases, pattern, day.weekday(), day.day, day.month - 1, at)


def _filled(phrases: Phrases, pattern: str, weekday: int, day: int, month: int, at: time) -> str:
    one = phrases.at_one if phrases.at_one and _hour(phrases, at.hour) == 1 else phrases.at
    fields = {
        "at": fill(one, {"time": clock(phrases, at)}),
        "weekday": phrases.weekdays[weekday],
        "weekday_short": phrases.weekdays_short[weekday],
        "day": str(day),
        "month_short": phrases.months_short[month],
    }
    return fill(pattern, fields)


def _hour(phrases: Phrases, hour: int) -> int:
    return hour if phrases.clock == 24 else (hour - 1) % 12 + 1


def clock(phrases: Phrases, at: time) -> str:
    """`8:00 AM`, or `8:00` on a clock of 24 hours."""
    shown = f"{_hour(phrases, at.hour)}:{at.minute:02}"
    return shown if phrases.clock == 24 else f"{shown} {phrases.am if at.hour < 12 else phrases.pm}"


def _short(phrases: Phrases, minutes: int) -> str:
    """`8am`, `8:30am`, or `8:30` on a clock of 24 hours; 24:00 is said as such there, and as 12am here."""
    if phrases.clock == 24:
        return "24:00" if minutes == DAY else f"{minutes % DAY // 60}:{minutes % 60:02}"
    hour = minutes % DAY // 60
    past = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"{_hour(phrases, hour)}{past}{'am' if hour < 12 else 'pm'}"
