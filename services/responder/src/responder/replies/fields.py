"""The fields of templates, and what they hold: nothing but the practice's own facts and its opening times."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from types import MappingProxyType
from typing import Final

from responder import sms
from responder.hours import opening
from responder.practice.model import Practice
from responder.practice.phrases import Phrases
from responder.replies import times

ALWAYS: Final = MappingProxyType(
    {
        "practice": "name of the practice",
        "phone": "its number for patients",
        "emergency_line": "the number for emergencies",
        "address": "where it is",
        "website": "its website",
        "insurance": "the plans it takes: `Aetna, Cigna and Medicaid`",
        "hours": "the week: `Mon-Thu 8am-5pm, Fri 8am-2pm, Sat-Sun closed`",
        "hours_today": "the hours of the day, holidays and special days included: `8am-12pm & 1pm-5pm`, `closed`",
    }
)
"""Fields that every text may use, and what they say."""

AFTER_HOURS: Final = MappingProxyType(
    {
        **ALWAYS,
        "next_opening": "when the practice opens: `today at 8:00 AM`, `Monday at 8:00 AM`, `Mon, Jan 4 at 8:00 AM`",
    }
)
"""Fields of texts that are only used while the practice is closed."""


def fields(practice: Practice, language: str, at: datetime) -> dict[str, str]:
    """The value of each field at `at`; without `next_opening` when the practice is open or stays closed."""
    phrases, local = practice.phrases_of(language), at.astimezone(practice.zone)
    filled = _constant(practice, phrases)
    filled["hours_today"] = times.day(phrases, practice.calendar.day(local.date()).spans)
    opens = opening.next_opening(practice.calendar, at)
    if opens is not None and opens > at:
        filled["next_opening"] = times.opening(phrases, opens.astimezone(practice.zone), local)
    return filled


def longest(practice: Practice, language: str) -> dict[str, str]:
    """The value of each field that takes most room, whatever day it is."""
    phrases, days = practice.phrases_of(language), practice.calendar.all_spans()
    filled = _constant(practice, phrases)
    filled["hours_today"] = _longest(times.day(phrases, spans) for spans in days)
    opens = {_clock(span.start) for spans in days for span in spans} or {time()}
    filled["next_opening"] = _longest(times.opening_forms(phrases, opens))
    return filled


def _constant(practice: Practice, phrases: Phrases) -> dict[str, str]:
    own = practice.practice
    return {
        "practice": own.name,
        "phone": own.phone,
        "emergency_line": own.emergency_line,
        "address": own.address,
        "website": own.website,
        "insurance": _joined(own.insurance, phrases.before_last),
        "hours": times.week(phrases, practice.hours.week()),
    }


def _joined(names: Sequence[str], before_last: str) -> str:
    """`Aetna, Cigna and Medicaid`."""
    return f" {before_last} ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _longest(values: Iterable[str]) -> str:
    return max(values, key=lambda value: sms.size(sms.as_sent(value)).length)
