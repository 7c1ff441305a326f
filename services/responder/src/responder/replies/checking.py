"""What every text must hold, checked when the practice file is read. Pure.

A text can be filled, fits one message with the longest values its fields can have, and names the practice. An emergency
text names 911 and the emergency line; texts that nobody asked for, and the answer to HELP, say how to stop them; the
confirmation of STOP says how to come back.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.values import Category
from responder import sms
from responder.practice.errors import Place
from responder.practice.model import Practice
from responder.replies.fields import AFTER_HOURS, ALWAYS, longest
from responder.templates import fields_of, fill
from responder.templates import problem as template_problem

_NINE_ONE_ONE = re.compile(r"(?<![\d-])911(?![\d-])")
_STOP = re.compile(r"\bSTOP\b")
_START = re.compile(r"\bSTART\b")


@dataclass(frozen=True)
class Template:
    """A text of the practice file, and what it is for."""

    place: Place
    text: str
    language: str
    category: Category | None
    """None for the text after a missed call."""
    after_hours: bool


def templates(practice: Practice) -> Iterator[Template]:
    """Every text of the file, in the order in which a reader expects it."""
    for language in practice.languages:
        texts = practice.replies[language]
        for category in Category:
            yield Template(("replies", language, category.value), texts.of(category), language, category, False)
            if after := texts.after_hours_of(category):
                place = ("replies", language, "after_hours", category.value)
                yield Template(place, after, language, category, True)
    for kind, missed in (("texts", practice.missed_calls.texts), ("after_hours", practice.missed_calls.after_hours)):
        for language, text in missed.items():
            yield Template(("missed_calls", kind, language), text, language, None, kind == "after_hours")


def problems(practice: Practice) -> list[tuple[Place, str]]:
    """Each text that must not be sent, with why."""
    fields = {language: longest(practice, language) for language in practice.languages}
    return [
        (template.place, problem)
        for template in templates(practice)
        if (problem := _problem(practice, template, fields[template.language])) is not None
    ]


def at_their_longest(practice: Practice) -> Iterator[tuple[Template, str]]:
    """Each text of a practice that was loaded, and what is sent when all its fields take most room."""
    fields = {language: longest(practice, language) for language in practice.languages}
    for template in templates(practice):
        yield template, sms.as_sent(fill(template.text, fields[template.language]))


def _problem(practice: Practice, template: Template, fields: Mapping[str, str]) -> str | None:
    if wrong := template_problem(template.text, AFTER_HOURS):
        return wrong
    if not template.after_hours and not fields_of(template.text) <= ALWAYS.keys():
        return "{next_opening} is only known while the practice is closed: use it in an after_hours text"
    text = fill(template.text, fields)
    return sms.problem(sms.as_sent(text)) or _silent_about(practice, template, text)


def _silent_about(practice: Practice, template: Template, text: str) -> str | None:
    """What a text has to say and does not."""
    if practice.practice.name not in text:
        return "must name the practice ({practice}): patients do not know this number"
    match template.category:
        case Category.EMERGENCY if not (_NINE_ONE_ONE.search(text) and practice.practice.emergency_line in text):
            return "must name 911 and {emergency_line}"
        case Category.HELP | None if not _STOP.search(text):
            return "must say STOP, so that everybody knows how to end these texts"
        case Category.OPT_OUT if not _START.search(text):
            return "must say START, so that everybody knows how to get texts again"
        case Category.OPT_IN if not _STOP.search(text):
            return "must say STOP, so that everybody knows how to end these texts"
    return None
