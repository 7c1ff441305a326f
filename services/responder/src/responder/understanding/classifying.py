"""The layers, from what is certain to what is probable. The first one that can tell decides."""

import re
from functools import lru_cache

from contracts.values import Category
from responder.practice.loading import example
from responder.practice.model import Practice
from responder.silence.machines import machine
from responder.understanding import commands, consent, keywords, symptoms
from responder.understanding.guards import Sense
from responder.understanding.head import Head, Probabilities, head
from responder.understanding.keywords import Found
from responder.understanding.language import language_of
from responder.understanding.reading import Reading
from responder.understanding.understood import SURE, Understanding
from responder.understanding.unreadable import is_unreadable

EMERGENCY_FROM = 0.15
"""Probability from which a text counts as an emergency: one that is missed costs more than one too many."""

EMERGENCY_FROM_IF_PLAIN = 0.02
"""The same where it says in so many words what is wrong."""

EMERGENCY_FROM_IF_NAMED = 0.10
"""The same where it has an emergency keyword of the practice that is meant."""

EMERGENCY_FROM_IF_TAKEN_BACK = 0.80
"""The same where every symptom is negated, over or imagined, or the emergency is one elsewhere."""

SURE_ENOUGH = 0.35
"""Probability that a topic needs; below, a keyword may decide, and otherwise the text is left to staff."""

CONSENT_FROM = 0.60
"""Probability that the model needs to change what a patient agreed to without a clear sentence."""

FIRST_FROM = 0.50
"""Probability that the first of two requests needs to be the one that is answered."""

_UNSURE = "model:unsure"
_UNREADABLE = "pattern:unreadable"
_PROVIDER = {"STOP": Category.OPT_OUT, "START": Category.OPT_IN, "HELP": Category.HELP}
_CONSENT = frozenset({Category.OPT_OUT, Category.OPT_IN})
_QUESTIONS = frozenset({Category.HOURS, Category.LOCATION, Category.INSURANCE})
_TOPICS = _QUESTIONS | {Category.APPOINTMENT}
_LINK = re.compile(r"\?|[.,]? (?:and|also|y|&|plus|tambi[eé]n)\b", re.IGNORECASE)
_OWN_WORD, _KNOWN_WORD, _SENTENCE, _MACHINE = 0.9, 0.6, 0.95, 0.97
_UNREAD = 0.3
"""Whoever sends keys in a row may have wanted anything."""

Told = tuple[Category, float, str]
"""A category, its confidence, and what says so."""


def classify(
    text: str, practice: Practice, *, opt_out_type: str | None = None, using: Head | None = None
) -> Understanding:
    """Understand one text. Never raises. `opt_out_type` is what Twilio's Advanced Opt-Out says of it.

    `using` is another head than the one of the package: cross-validation needs that. Takes some ten milliseconds,
    and two seconds at the first call.
    """
    reading = Reading(text)
    language = language_of(reading)
    if opt_out_type and (told := _PROVIDER.get(opt_out_type.upper())):
        return Understanding(told, SURE, f"provider:{opt_out_type.upper()}", language)
    if (ordered := commands.command(reading)) is not None:
        return Understanding(ordered[1], SURE, f"command:{ordered[0]}", language)
    if (kind := machine(text)) is not None:
        return Understanding(Category.NONE, _MACHINE, f"machine:{kind}", language)
    category, confidence, by = _weighed(reading, practice, using or head())
    return Understanding(category, round(confidence, 3), by, language, needs_staff=by in {_UNSURE, _UNREADABLE})


def load_model() -> None:
    """Load what the first text would otherwise wait for. Raises when it is not installed as it should be."""
    head().probabilities(Reading("hello"))


def _weighed(reading: Reading, practice: Practice, using: Head) -> Told:
    """What the model, the patterns and the practice's keywords make of the text together."""
    shares = using.probabilities(reading)
    found = [word for word in keywords.find(reading, _keywords(practice)) if word.sense is Sense.LIVE]
    own = next((word for word in found if word.keyword not in _known()[word.category]), None)
    if own is not None and own.category is Category.EMERGENCY:
        return Category.EMERGENCY, max(_OWN_WORD, shares[Category.EMERGENCY]), f"keyword:{own.keyword}"
    if (emergency := _emergency(reading, shares, found)) is not None:
        return emergency
    if (wish := consent.wish(reading)) is not None:
        return wish[1], max(_SENTENCE, shares[wish[1]]), f"pattern:{wish[0]}"
    if own is not None:
        return own.category, max(_OWN_WORD, shares[own.category]), f"keyword:{own.keyword}"
    return _topic(reading, shares, found, using)


def _emergency(reading: Reading, shares: Probabilities, found: list[Found]) -> Told | None:
    """Whether to take the text for an emergency; what it needs for that depends on how the trouble is told."""
    share = shares[Category.EMERGENCY]
    told = symptoms.senses(reading)
    if (told and Sense.LIVE not in told) or symptoms.is_elsewhere(reading):
        return (Category.EMERGENCY, share, "model:emergency") if share >= EMERGENCY_FROM_IF_TAKEN_BACK else None
    if share >= EMERGENCY_FROM:
        return Category.EMERGENCY, share, "model:emergency"
    if share >= EMERGENCY_FROM_IF_PLAIN and (name := symptoms.plain(reading)) is not None:
        return Category.EMERGENCY, _KNOWN_WORD, f"pattern:{name}"
    named = (word.keyword for word in found if word.category is Category.EMERGENCY)
    if share >= EMERGENCY_FROM_IF_NAMED and (keyword := next(named, None)) is not None:
        return Category.EMERGENCY, _KNOWN_WORD, f"keyword:{keyword}"
    return None


def _topic(reading: Reading, shares: Probabilities, found: list[Found], using: Head) -> Told:
    """The most probable category but emergencies or, where that is in doubt, the one that a keyword names."""
    rest = max(1 - shares[Category.EMERGENCY], 1e-9)
    likely = {category: share / rest for category, share in shares.items() if category is not Category.EMERGENCY}
    best = max(likely, key=lambda category: likely[category])
    if best is Category.NONE and is_unreadable(reading):
        return Category.NONE, _UNREAD, _UNREADABLE
    if best in _TOPICS and (first := _first_request(reading, best, using)) is not None:
        return first
    a_bare_no = best in _CONSENT and len(reading.words) < 2  # answers a question that nobody here knows
    if likely[best] >= (CONSENT_FROM if best in _CONSENT else SURE_ENOUGH) and not a_bare_no:
        return best, likely[best], f"model:{best}"
    return next(
        (
            (word.category, _KNOWN_WORD, f"keyword:{word.keyword}")
            for word in found
            if word.category is not Category.EMERGENCY
        ),
        (Category.NONE, likely[Category.NONE], _UNSURE),
    )


def _first_request(reading: Reading, best: Category, using: Head) -> Told | None:
    """Of two requests the first one is answered: "do you take Humana & what are your hours"."""
    text = reading.original
    if (link := _LINK.search(text)) is None or not text[link.end() :].strip():
        return None
    shares = using.probabilities(Reading(text[: link.start()]))
    first = max(shares, key=lambda category: shares[category])
    if first in _QUESTIONS and first is not best and shares[first] >= FIRST_FROM:
        return first, shares[first], f"model:first-{first}"
    return None


def _keywords(practice: Practice) -> dict[Category, tuple[str, ...]]:
    return {category: practice.keywords.of(category) for category in keywords.ORDER}


@lru_cache(maxsize=1)
def _known() -> dict[Category, tuple[str, ...]]:
    """The keywords of the example practice: the model has learned what they are worth. A practice's own decide."""
    return _keywords(example())
