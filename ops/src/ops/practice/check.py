"""`frontdesk practice check`: a practice file that works, told back so that a person can see whether it is meant so."""

from collections.abc import Iterator
from datetime import date, timedelta

from responder import sms
from responder.practice.model import Practice
from responder.practice.phrases import ENGLISH
from responder.replies import times
from responder.replies.checking import at_their_longest

_AHEAD_DAYS = 365


def summary(practice: Practice, today: date) -> Iterator[tuple[str, str]]:
    """What the file says, as names and values."""
    own, on_call = practice.practice, practice.on_call
    yield "practice", f"{own.name}, {own.phone}, emergencies {own.emergency_line}"
    yield "hours", f"{times.week(ENGLISH, practice.hours.week())} ({own.time_zone})"
    for day, said in _unlike_the_week(practice, today):
        yield "", f"{day:%a %Y-%m-%d}  {said}"
    yield "languages", ", ".join(practice.languages)
    length, place = max((sms.size(text).length, one.place) for one, text in at_their_longest(practice))
    yield "longest text", f"{length} of {sms.LONGEST} characters ({'.'.join(map(str, place))})"
    yield (
        "on call",
        ", then ".join(f"{one.name} {one.number}" for one in on_call.people) or "nobody: alerts stay on the page",
    )
    yield "missed calls", "are texted back" if practice.missed_calls.text_back else "are not texted back"


def _unlike_the_week(practice: Practice, today: date) -> Iterator[tuple[date, str]]:
    """The dates of the coming year whose hours are not their weekday's."""
    week = practice.hours.week()
    for ahead in range(_AHEAD_DAYS):
        day = practice.calendar.day(today + timedelta(days=ahead))
        if day.spans != week[day.date.weekday()]:
            yield day.date, f"{times.day(ENGLISH, day.spans)} ({day.because})"
