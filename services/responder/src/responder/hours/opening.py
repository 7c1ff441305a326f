"""From hours on the wall clock to moments: open or not, since when it is so, and until when.

Moments go in as any aware datetime and come out in UTC: arithmetic on local times goes wrong when the clock is changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from responder.hours.calendar import Calendar, Day

HORIZON = timedelta(days=366)
"""How far ahead we look. A practice that stays closed (or open) longer has no next opening (or closing)."""

_REACH = timedelta(days=2)
"""How long before a moment the date may lie whose hours it belongs to: over midnight, and over a date that a zone left
out (Samoa had no 30 December 2011)."""


@dataclass(frozen=True)
class Explanation:
    """What somebody wants to know who wonders whether the practice is open at a moment."""

    open: bool
    day: Day
    """The hours in force: those of the date, or of the date before when they reach over midnight."""
    next_opening: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True)
class _Opening:
    start: datetime
    end: datetime
    day: Day


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the practice is open at `at`."""
    return _current(calendar, at) is not None


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """The first moment, from `at` on, at which the practice is open; None when there is none within `HORIZON`."""
    for opening in _openings(calendar, at):
        if opening.end > at:
            return max(opening.start, at.astimezone(UTC))
    return None


def closes_at(calendar: Calendar, at: datetime) -> datetime | None:
    """When the practice, open at `at`, closes; None when it is closed, or does not close within `HORIZON`."""
    horizon, until = at.astimezone(UTC) + HORIZON, None
    for opening in _openings(calendar, at):
        if opening.start > (until or at):
            return until
        if opening.end > at:
            until = max(until or opening.end, opening.end)
    return until if until and until <= horizon else None


def explain(calendar: Calendar, at: datetime) -> Explanation:
    """Why the practice is open or closed at `at`, and what comes next."""
    current = _current(calendar, at)
    return Explanation(
        open=current is not None,
        day=current.day if current else calendar.day(at.astimezone(calendar.zone).date()),
        next_opening=next_opening(calendar, at),
        closes_at=closes_at(calendar, at),
    )


def moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which the wall clock in `zone` shows that many minutes after midnight, or more.

    So hours that are skipped when the clock is put forward begin when it is, and of hours that come twice when it is
    put back, the first counts. Later minutes are never an earlier moment.
    """
    shown = datetime.combine(day, time()) + timedelta(minutes=minutes)
    with_offset_before = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if with_offset_before.astimezone(zone).replace(tzinfo=None) == shown:
        return with_offset_before
    before, from_then = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), with_offset_before
    while from_then - before > timedelta(seconds=1):
        middle = before + (from_then - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) >= shown:
            from_then = middle
        else:
            before = middle
    return from_then.replace(microsecond=0)


def _current(calendar: Calendar, at: datetime) -> _Opening | None:
    for opening in _openings(calendar, at):
        if opening.start > at:
            return None
        if opening.end > at:
            return opening
    return None


def _openings(calendar: Calendar, at: datetime) -> Iterator[_Opening]:
    """What opens around `at` and until `HORIZON` after it, by date. Hours that the clock skips do not occur."""
    first = at.astimezone(calendar.zone).date() - _REACH
    for days in range((HORIZON + _REACH).days + 1):
        day = calendar.day(first + timedelta(days=days))
        for span in day.spans:
            start, end = (moment(day.date, minutes, calendar.zone) for minutes in (span.start, span.end))
            if start < end:
                yield _Opening(start, end, day)
