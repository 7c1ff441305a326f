"""`frontdesk hours explain`: why the practice is open or closed at a moment, and what comes next."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from responder.hours.opening import explain
from responder.practice.model import Practice
from responder.practice.phrases import ENGLISH
from responder.replies import times


def moment_of(written: str | None, zone: ZoneInfo) -> datetime:
    """An ISO 8601 date and time, in the practice's zone when it names none; now without one. Raises `ValueError`."""
    if written is None:
        return datetime.now(zone)
    at = datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def explained(practice: Practice, at: datetime) -> Iterator[str]:
    """Lines for staff."""
    found, zone = explain(practice.calendar, at), practice.zone
    yield f"{_shown(at.astimezone(zone))} ({zone}): {'open' if found.open else 'closed'}"
    yield f"  {found.day.date:%A, %B %-d}: {times.day(ENGLISH, found.day.spans)} ({found.day.because})"
    if found.open:
        yield f"  closes: {_next(at, found.closes_at, zone)}"
    else:
        yield f"  next opening: {_next(at, found.next_opening, zone)}"


def _next(at: datetime, moment: datetime | None, zone: ZoneInfo) -> str:
    """`Monday 2026-11-23 08:00 EST, in 4 h 48 min`."""
    if moment is None:
        return "not within a year"
    minutes = round((moment - at) / timedelta(minutes=1))
    return f"{_shown(moment.astimezone(zone))}, in {minutes // 60} h {minutes % 60} min"


def _shown(at: datetime) -> str:
    return f"{at:%A %Y-%m-%d %H:%M %Z}"
