"""The practice file: everything a practice would change, checked as a whole before anything is answered."""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from contracts.values import Category
from responder import templates
from responder.numbers import Phone, all_e164
from responder.words import words

DEFAULT_FILE = Path("practice.toml")
"""Used when `PRACTICE_FILE` is not set; without it, the packaged example speaks."""

_NINE_ONE_ONE = re.compile(r"(?<![\d-])911(?![\d-])")


class PracticeError(ValueError):
    """A practice file that cannot be used: one sentence per problem, each naming its place in the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


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


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Identity(_Section):
    """`[practice]`: who answers. Numbers are shown to patients as they are written here."""

    name: Text
    phone: Phone
    time_zone: TimeZone
    address: Text
    website: Text
    insurance: Text
    emergency_line: Phone
    own_numbers: tuple[Phone, ...] = ()


class Hours(_Section):
    """`[hours]`: what patients are told, per weekday."""

    monday: Text
    tuesday: Text
    wednesday: Text
    thursday: Text
    friday: Text
    saturday: Text
    sunday: Text

    def summary(self) -> str:
        """`Mon-Thu 8am-5pm, Fri 8am-2pm, Sat-Sun closed`."""
        days = [(name[:3].capitalize(), getattr(self, name)) for name in type(self).model_fields]
        runs = [(text, [day for day, _ in run]) for text, run in groupby(days, key=lambda day: day[1])]
        return ", ".join(f"{run[0]}-{run[-1]} {text}" if len(run) > 1 else f"{run[0]} {text}" for text, run in runs)


class Keywords(_Section):
    """`[keywords]`: the words that tell what a text is about."""

    emergency: Annotated[tuple[Keyword, ...], Field(min_length=1)]
    appointment: tuple[Keyword, ...]
    hours: tuple[Keyword, ...]
    location: tuple[Keyword, ...]
    insurance: tuple[Keyword, ...]

    def of(self, category: Category) -> tuple[str, ...]:
        """The keywords of one of the five categories that have any."""
        keywords: tuple[str, ...] = getattr(self, category.value)
        return keywords


class Replies(_Section):
    """`[replies]`: one template per category."""

    emergency: Text
    appointment: Text
    hours: Text
    location: Text
    insurance: Text
    none: Text
    opt_out: Text
    opt_in: Text
    help: Text


class Practice(_Section):
    """A practice file that was checked: every reply can be filled and fits one text message."""

    practice: Identity
    hours: Hours
    keywords: Keywords
    replies: Replies

    @model_validator(mode="after")
    def _replies_can_be_sent(self) -> Self:
        fields = self._fields()
        problems = [
            f"replies.{name}: {problem}"
            for name, template in self.replies
            if (problem := templates.problem(template, fields)) is not None
        ]
        if not problems and not self._emergency_reply_names_help():
            problems = ["replies.emergency: must name 911 and {emergency_line}"]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def reply(self, category: Category) -> str:
        """What a text of `category` is answered, ready to be sent."""
        return templates.fill(getattr(self.replies, category.value), self._fields())

    def own_numbers(self) -> frozenset[str]:
        """Every number of the practice itself, in E.164."""
        own = self.practice
        return all_e164((own.phone, own.emergency_line, *own.own_numbers))

    def _emergency_reply_names_help(self) -> bool:
        reply = self.reply(Category.EMERGENCY)
        return self.practice.emergency_line in reply and _NINE_ONE_ONE.search(reply) is not None

    def _fields(self) -> Mapping[str, str]:
        own = self.practice
        return {
            "practice": own.name,
            "phone": own.phone,
            "hours": self.hours.summary(),
            "address": own.address,
            "website": own.website,
            "insurance": own.insurance,
            "emergency_line": own.emergency_line,
        }


def load(path: Path) -> Practice:
    """Read and check a practice file. Raises `PracticeError`."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise PracticeError([f"{path}: {reason}"]) from error


def load_default() -> Practice:
    """The practice file of the working directory or, without one, the packaged example. Raises `PracticeError`."""
    return load(DEFAULT_FILE) if DEFAULT_FILE.exists() else example()


def example() -> Practice:
    """The invented practice that Frontdesk comes with."""
    name = "example_practice.toml"
    return parse(resources.files("responder").joinpath(name).read_text(encoding="utf-8"), name)


def parse(toml: str, origin: str) -> Practice:
    """Check the text of a practice file; `origin` names it in errors. Raises `PracticeError`."""
    try:
        return Practice.model_validate(tomllib.loads(toml))
    except tomllib.TOMLDecodeError as error:
        raise PracticeError([f"{origin}: {error}"]) from error
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise PracticeError([f"{origin}: {_sentence(detail)}" for detail in details]) from error


def _sentence(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place}: {message}" if place else message
