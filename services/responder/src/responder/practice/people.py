"""`[on_call]`, `[missed_calls]`, `[quiet_hours]` and `[budgets]`: who is alerted, and what we text how often."""

from datetime import timedelta
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from contracts.values import Category
from responder.hours.holidays import WEEKDAYS
from responder.hours.spans import DAY, Span, Spans
from responder.numbers import Phone, e164
from responder.practice.alert_texts import BUILT_IN, AlertTexts
from responder.practice.values import Hours, Language, Section, Text, TimeOfDay

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]

_EVERY_DAY: tuple[Weekday, ...] = get_args(Weekday)


class Person(Section):
    """One of `[[on_call.people]]`. Without `hours` and `days` on duty at any time."""

    name: Text
    """For staff and logs; never sent to patients."""
    number: Phone
    hours: Annotated[Hours, Field(min_length=1)] = (Span(0, DAY),)
    """On each of `days`, on the practice's wall clock; `5pm-8am` reaches into the next day."""
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = _EVERY_DAY

    @property
    def e164(self) -> str:
        """The number as it is dialled."""
        number = e164(self.number)
        assert number, "a Phone is one"
        return number

    @property
    def weekdays(self) -> frozenset[int]:
        """`days` as numbers; Monday is 0."""
        return frozenset(map(WEEKDAYS.index, self.days))


class OnCall(Section):
    """`[on_call]`: who gets an alert by text, in this order, until one of them answers. Nobody by default."""

    people: tuple[Person, ...] = ()
    escalate_after_minutes: Annotated[int, Field(ge=1, le=120)] = 5
    """How long the one who was alerted has before the next one is."""
    rounds: Annotated[int, Field(ge=1, le=10)] = 3
    """How often the whole list is gone through."""
    texts_per_hour: Annotated[int, Field(ge=1, le=100)] = 10
    """Alerts that one person is texted about in an hour; then one text that there are more, and no further ones."""
    texts: dict[Language, AlertTexts] = Field(default_factory=dict)
    """Instead of the texts that are built in, one by one. The practice's own language is used."""

    @field_validator("texts", mode="before")
    @classmethod
    def _what_is_left_out_is_built_in(cls, texts: object) -> object:
        if not isinstance(texts, dict):
            return texts
        return {
            language: {**BUILT_IN[language].model_dump(), **written}
            if language in BUILT_IN and isinstance(written, dict)
            else written
            for language, written in texts.items()
        }

    @property
    def escalate_after(self) -> timedelta:
        """`escalate_after_minutes` as a duration."""
        return timedelta(minutes=self.escalate_after_minutes)

    @model_validator(mode="after")
    def _everybody_once(self) -> Self:
        numbers = [person.e164 for person in self.people]
        twice = sorted({person.number for person in self.people if numbers.count(person.e164) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is in the list more than once; raise `rounds` instead")
        return self


class MissedCalls(Section):
    """`[missed_calls]`: whether somebody whose call was missed gets a text. Off by default."""

    text_back: bool = False
    once_per_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    """At most one such text to a number in so many hours."""
    texts: dict[Language, Text] = Field(default_factory=dict)
    """By language; templates like the replies. A caller's language is rarely known: then the practice's own is used."""
    after_hours: dict[Language, Text] = Field(default_factory=dict)
    """Instead of `texts` while the practice is closed."""

    @property
    def once_per(self) -> timedelta:
        """`once_per_hours` as a duration."""
        return timedelta(hours=self.once_per_hours)


class QuietHours(Section):
    """`[quiet_hours]`: when nothing is texted that is not a direct answer, on the practice's wall clock.

    9 pm to 8 am by default, when US rules allow no telephone solicitation (47 CFR 64.1200).
    """

    start: Annotated[TimeOfDay, Field(alias="from")] = 21 * 60
    end: Annotated[TimeOfDay, Field(alias="to")] = 8 * 60

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if (self.end - self.start) % DAY == 0 or self.start == DAY:
            raise ValueError("between `from` and `to` must lie some hours, and not all")
        return self

    @property
    def spans(self) -> Spans:
        """As the hours of a day."""
        return (Span(self.start, self.end if self.end > self.start else self.end + DAY),)


class Budgets(Section):
    """`[budgets]`: how many replies we send at most. What is beyond stays unanswered, with its reason on record."""

    per_sender_per_hour: Annotated[int, Field(ge=1)] = 5
    per_sender_per_day: Annotated[int, Field(ge=1)] = 12
    overall_per_day: Annotated[int, Field(ge=1)] = 1000
    """To all numbers together, by all providers. (VoIP.ms allows 100 a day by its API unless it agreed to more.)"""
    cooldown_minutes: Minutes = 60
    """For so long, a sender does not get the reply of the same category again."""
    cooldown_minutes_of: dict[Category, Minutes] = Field(default_factory=dict)
    """Other cooldowns for single categories."""

    def cooldown(self, category: Category) -> timedelta:
        """How long the reply of `category` is not repeated to a sender."""
        return timedelta(minutes=self.cooldown_minutes_of.get(category, self.cooldown_minutes))

    @model_validator(mode="after")
    def _hours_fit_into_days(self) -> Self:
        if self.per_sender_per_hour > self.per_sender_per_day:
            raise ValueError("per_sender_per_hour is more than per_sender_per_day")
        return self
