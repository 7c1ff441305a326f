"""What the keys of the practice file may hold."""

from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from responder.hours.holidays import Rule, parse_rule
from responder.hours.spans import Spans, parse_spans, parse_time
from responder.words import words


class Section(BaseModel):
    """A table of the file. Keys that it does not know are refused: a misspelt one would silently do nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _written(read: Callable[[str], Any], kind: str) -> BeforeValidator:
    """Reads a text of the file."""

    def validate(value: object) -> object:
        match value:
            case str():
                return read(value)
            case _:
                raise ValueError(f"is no {kind} in quotes")

    return BeforeValidator(validate)


def _is_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone of the tz database, such as America/New_York")
    return name


def _has_words(keyword: str) -> str:
    if not words(keyword):
        raise ValueError("a keyword needs a letter or a digit")
    return keyword


Text = Annotated[str, Field(min_length=1)]
TimeZone = Annotated[str, AfterValidator(_is_zone)]
Keyword = Annotated[str, AfterValidator(_has_words)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639, such as en")]

Hours = Annotated[Spans, _written(parse_spans, "text of hours")]
"""`"8am-12pm, 1pm-5pm"` or `"closed"`."""
TimeOfDay = Annotated[int, _written(parse_time, "time of day")]
"""`"9pm"`; minutes since midnight."""
YearlyDay = Annotated[Rule, _written(parse_rule, "day of the year")]
"""`"December 25"`."""
