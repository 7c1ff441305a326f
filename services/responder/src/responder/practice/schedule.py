"""`[hours]`, `[holidays]` and `[[special_days]]`: when the practice is open."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from responder.hours.calendar import Holiday, SpecialDays
from responder.hours.spans import Spans
from responder.practice.values import Hours, Section, Text, YearlyDay


class WeekSection(Section):
    """`[hours]`: each weekday's hours on the practice's wall clock, with breaks."""

    monday: Hours
    tuesday: Hours
    wednesday: Hours
    thursday: Hours
    friday: Hours
    saturday: Hours
    sunday: Hours

    def week(self) -> tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]:
        """Monday first."""
        return self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday


class HolidaySection(Section):
    """A line of `[holidays]`: a day of every year (`"December 25"`), or one with hours (`{on = …, hours = …}`)."""

    on: YearlyDay
    hours: Hours = ()

    @model_validator(mode="before")
    @classmethod
    def _a_day_alone_is_closed(cls, value: Any) -> Any:
        return {"on": value} if isinstance(value, str) else value

    def named(self, name: str) -> Holiday:
        """The holiday of that name."""
        return Holiday(name, self.on, self.hours)


class SpecialDaysSection(Section):
    """One of `[[special_days]]`: a date (`on`) or dates (`from` and `to`, both included) with hours of their own."""

    on: date | None = None
    first: Annotated[date | None, Field(alias="from")] = None
    last: Annotated[date | None, Field(alias="to")] = None
    hours: Hours = ()
    reason: Text
    """For staff (`frontdesk hours explain`); patients are not told."""

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        if (self.on is None) == (self.first is None) or (self.first is None) != (self.last is None):
            raise ValueError("needs either `on`, or both `from` and `to`")
        if self.first and self.last and self.last < self.first:
            raise ValueError("`to` lies before `from`")
        return self

    def days(self) -> SpecialDays:
        """The dates."""
        first, last = self.on or self.first, self.on or self.last
        assert first
        assert last
        return SpecialDays(first, last, self.hours, self.reason)
