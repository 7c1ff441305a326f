"""What the practice file says. Start here: `Practice` has every section as an attribute, and answers about time.

Texts are templates; `responder.replies` makes them into what is sent. That they can be, and that the sections fit each
other, is checked by `practice.loading`: a practice that was loaded has no text that fails later.
"""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from contracts.values import Category
from responder.hours import opening
from responder.hours.calendar import Calendar, every_day
from responder.numbers import Phone, all_e164
from responder.practice.alert_texts import BUILT_IN as BUILT_IN_ALERTS
from responder.practice.alert_texts import ENGLISH as ENGLISH_ALERTS
from responder.practice.alert_texts import AlertTexts
from responder.practice.people import Budgets, MissedCalls, OnCall, Person, QuietHours
from responder.practice.phrases import BUILT_IN, Phrases
from responder.practice.schedule import HolidaySection, SpecialDaysSection, WeekSection
from responder.practice.values import Keyword, Language, Section, Text, TimeZone


class Identity(Section):
    """`[practice]`: who answers. Numbers are shown to patients as they are written here."""

    name: Text
    phone: Phone
    time_zone: TimeZone
    language: Language = "en"
    """Of the answer when a text's own language is unknown or has no replies."""
    address: Text
    website: Text
    insurance: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Names of plans and programmes, which are the same in every language."""
    emergency_line: Phone
    own_numbers: tuple[Phone, ...] = ()


class Keywords(Section):
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


class AfterHours(Section):
    """`[replies.LANGUAGE.after_hours]`: what is answered instead while the practice is closed."""

    emergency: Text | None = None
    appointment: Text | None = None
    hours: Text | None = None
    location: Text | None = None
    insurance: Text | None = None
    none: Text | None = None


class Replies(Section):
    """`[replies.LANGUAGE]`: one template per category."""

    emergency: Text
    appointment: Text
    hours: Text
    location: Text
    insurance: Text
    none: Text
    opt_out: Text
    opt_in: Text
    help: Text
    after_hours: AfterHours = AfterHours()

    def of(self, category: Category) -> str:
        """The template for `category`, at any time."""
        template: str = getattr(self, category.value)
        return template

    def after_hours_of(self, category: Category) -> str | None:
        """The template for `category` while the practice is closed; None when it is the same."""
        template: str | None = getattr(self.after_hours, category.value, None)
        return template


class Practice(Section):
    """The whole file. Take it from `practice.loading`, which checks it."""

    practice: Identity
    hours: WeekSection
    holidays: dict[Text, HolidaySection] = Field(default_factory=dict)
    special_days: tuple[SpecialDaysSection, ...] = ()
    keywords: Keywords
    replies: dict[Language, Replies]
    phrases: dict[Language, Phrases] = Field(default_factory=dict)
    on_call: OnCall = OnCall()
    missed_calls: MissedCalls = MissedCalls()
    quiet_hours: QuietHours = QuietHours()
    budgets: Budgets = Budgets()

    @property
    def zone(self) -> ZoneInfo:
        """The practice's time zone."""
        return ZoneInfo(self.practice.time_zone)

    @property
    def calendar(self) -> Calendar:
        """When the practice is open; for `responder.hours.opening`."""
        holidays = tuple(holiday.named(name) for name, holiday in self.holidays.items())
        return Calendar(self.zone, self.hours.week(), holidays, tuple(special.days() for special in self.special_days))

    def is_open(self, at: datetime) -> bool:
        """Whether the practice is open at `at`."""
        return opening.is_open(self.calendar, at)

    def quiet_until(self, at: datetime) -> datetime | None:
        """When the quiet hours end that `at` lies in; None outside them."""
        return opening.closes_at(every_day(self.zone, self.quiet_hours.spans), at)

    def on_duty(self, at: datetime) -> tuple[Person, ...]:
        """Whom to alert at `at`, in order. Everybody when nobody is on duty: an emergency must reach somebody."""
        people = self.on_call.people
        return tuple(person for person in people if self._is_on_duty(person, at)) or people

    def on_call_person(self, number: str) -> Person | None:
        """Who of the people on call, on duty or not, has this number (E.164)."""
        return next((person for person in self.on_call.people if person.e164 == number), None)

    @property
    def alert_texts(self) -> AlertTexts:
        """What people on call are texted, in the practice's own language; in English where it has no such texts."""
        own = self.practice.language
        return self.on_call.texts.get(own) or BUILT_IN_ALERTS.get(own) or ENGLISH_ALERTS

    def _is_on_duty(self, person: Person, at: datetime) -> bool:
        return opening.is_open(every_day(self.zone, person.hours, person.weekdays), at)

    def own_numbers(self) -> frozenset[str]:
        """Every number of the practice itself, in E.164; not those of people on call, who may text us."""
        own = self.practice
        return all_e164((own.phone, own.emergency_line, *own.own_numbers))

    def phrases_of(self, language: str) -> Phrases:
        """How times are said in one of `languages`."""
        return self.phrases.get(language) or BUILT_IN[language]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that texts can be answered in, the practice's own first."""
        own = self.practice.language
        return (own, *(language for language in self.replies if language != own))
