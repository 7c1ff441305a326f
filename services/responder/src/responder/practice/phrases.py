"""How times are said in a language: `[phrases.LANGUAGE]`. English and Spanish are built in; a section replaces them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from responder import templates
from responder.practice.values import Section, Text

_FIELDS = {
    "at": ("time",),
    "at_one": ("time",),
    "today": ("at",),
    "this_week": ("at", "weekday"),
    "later": ("at", "weekday_short", "day", "month_short"),
}


class Phrases(Section):
    """Words and patterns of one language. Lists of days begin on Monday, lists of months in January."""

    weekdays: Annotated[tuple[Text, ...], Field(min_length=7, max_length=7)]
    weekdays_short: Annotated[tuple[Text, ...], Field(min_length=7, max_length=7)]
    months_short: Annotated[tuple[Text, ...], Field(min_length=12, max_length=12)]
    clock: Literal[12, 24]
    am: Text = "AM"
    pm: Text = "PM"
    at: Text
    """With {time}."""
    at_one: Text | None = None
    """Instead of `at` for one o'clock, where the language needs it (a la 1:00)."""
    today: Text
    """An opening on the same day, with {at}."""
    this_week: Text
    """One on the next six days, with {weekday} {at}."""
    later: Text
    """One after that, with {weekday_short} {day} {month_short} {at}."""
    closed: Text
    before_last: Text
    """What stands before the last name of a list (`and`)."""

    @model_validator(mode="after")
    def _patterns_can_be_filled(self) -> Self:
        for name, fields in _FIELDS.items():
            pattern = getattr(self, name)
            if pattern is not None and (problem := templates.problem(pattern, fields)):
                raise ValueError(f"{name}: {problem}")
        return self


ENGLISH = Phrases(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    weekdays_short=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months_short=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    clock=12,
    at="at {time}",
    today="today {at}",
    this_week="{weekday} {at}",
    later="{weekday_short}, {month_short} {day} {at}",
    closed="closed",
    before_last="and",
)

SPANISH = Phrases(
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    weekdays_short=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    months_short=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
    clock=12,
    at="a las {time}",
    at_one="a la {time}",
    today="hoy {at}",
    this_week="el {weekday} {at}",
    later="el {weekday_short} {day} de {month_short} {at}",
    closed="cerrado",
    before_last="y",
)

BUILT_IN = {"en": ENGLISH, "es": SPANISH}
