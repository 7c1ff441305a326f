"""What a text is about. Pure: the same words and the same practice file always give the same answer.

Three rules, first match wins: what the provider already understood (Twilio's OptOutType), a message that consists of
one of the carriers' command words (STOP, START, HELP), and the practice's keywords, emergencies first.
"""

from dataclasses import dataclass

from contracts.values import Category
from responder.practice import Practice
from responder.words import forms, words

ORDER = (
    Category.EMERGENCY,
    Category.APPOINTMENT,
    Category.HOURS,
    Category.LOCATION,
    Category.INSURANCE,
)
"""Which category wins when a text has keywords of several: an emergency beats everything, whatever else is asked."""

_COMMANDS: dict[str, Category] = {
    **dict.fromkeys(
        ("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
        Category.OPT_OUT,
    ),
    **dict.fromkeys(("start", "unstop"), Category.OPT_IN),
    **dict.fromkeys(("help", "info"), Category.HELP),
}
"""Twilio's default keywords, and the spellings other carriers add (`STOP ALL`, `OPT-OUT`)."""

_PROVIDER = {"STOP": Category.OPT_OUT, "START": Category.OPT_IN, "HELP": Category.HELP}

SURE = 1.0
ONE_CATEGORY = 0.9
SEVERAL_CATEGORIES = 0.6


@dataclass(frozen=True)
class Understanding:
    """What a text is about, how sure that is (0 to 1), and the rule that says so; `by` holds no word of the patient."""

    category: Category
    confidence: float
    by: str


def classify(text: str, practice: Practice, *, opt_out_type: str | None = None) -> Understanding:
    """Understand one text. Never raises. `opt_out_type` is what Twilio's Advanced Opt-Out says of it."""
    if opt_out_type and (told := _PROVIDER.get(opt_out_type.upper())):
        return Understanding(told, SURE, f"provider:{opt_out_type.upper()}")
    said = words(text)
    command = " ".join(said)
    if command in _COMMANDS:
        return Understanding(_COMMANDS[command], SURE, f"command:{command}")
    return _by_keyword(said, practice)


def says_yes(text: str) -> bool:
    """Whether the whole message is YES: it opts in somebody who is opted out, and is an ordinary text otherwise."""
    return words(text) == ("yes",)


def _by_keyword(said: tuple[str, ...], practice: Practice) -> Understanding:
    found = {
        category: keyword for category in ORDER if (keyword := _first(practice.keywords.of(category), said)) is not None
    }
    for category, keyword in found.items():
        return Understanding(category, ONE_CATEGORY if len(found) == 1 else SEVERAL_CATEGORIES, f"keyword:{keyword}")
    return Understanding(Category.NONE, 0.0, "default")


def _first(keywords: tuple[str, ...], said: tuple[str, ...]) -> str | None:
    return next((keyword for keyword in keywords if _occurs(words(keyword), said)), None)


def _occurs(keyword: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether the words of `keyword` follow each other in `said`; only the last one may be inflected."""
    *start, last = keyword
    size, endings = len(keyword), forms(last)
    return any(
        said[at + size - 1] in endings and list(said[at : at + size - 1]) == start for at in range(len(said) - size + 1)
    )
