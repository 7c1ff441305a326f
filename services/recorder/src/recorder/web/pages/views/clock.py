"""Moments in the practice's time zone, as a person writes them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Moment:
    """One point in time, ready to be shown."""

    iso: str
    """For `<time datetime>`."""
    short: str
    """As short as today allows: `3:05 pm`, `Mon 3:05 pm`, `Sep 7`, `Sep 7, 2025`."""
    time: str
    """Always the time of day: `3:05 pm`."""
    full: str
    """`Monday, September 7, 2026, 3:05 pm`."""
    day: str
    """`Today`, `Yesterday`, or `Monday, September 7`."""


@dataclass(frozen=True)
class Clock:
    """Now, and the zone it is shown in."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The practice's date."""
        return self.now.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a day of the practice."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def moment(self, at: datetime | None) -> Moment | None:
        """None for what has no time."""
        if at is None:
            return None
        local = at.astimezone(self.zone)
        time = _time(local)
        day = self._day(local.date())
        return Moment(
            iso=local.isoformat(timespec="seconds"),
            short=self._short(local, time),
            time=time,
            full=f"{local:%A, %B} {local.day}, {local.year}, {time}",
            day=day,
        )

    def _short(self, local: datetime, time: str) -> str:
        age = self.today - local.date()
        if age == timedelta(0):
            return time
        if timedelta(0) < age < timedelta(days=7):
            return f"{local:%a} {time}"
        year = "" if local.year == self.today.year else f", {local.year}"
        return f"{local:%b} {local.day}{year}"

    def _day(self, day: date) -> str:
        if day == self.today:
            return "Today"
        if day == self.today - timedelta(days=1):
            return "Yesterday"
        year = "" if day.year == self.today.year else f", {day.year}"
        return f"{day:%A, %B} {day.day}{year}"


def _time(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
