"""Which text answers a category, in which language, at which time. Pure."""

from dataclasses import dataclass
from datetime import datetime

from contracts.values import Category
from responder import sms
from responder.practice.model import Practice
from responder.replies.fields import fields
from responder.templates import fields_of, fill


@dataclass(frozen=True)
class Reply:
    """What is sent, ready to be handed to a provider, and how it was chosen."""

    text: str
    language: str
    after_hours: bool
    """Whether this is the text for when the practice is closed."""


def reply(practice: Practice, category: Category, language: str | None, at: datetime) -> Reply:
    """The answer to a text of `category` written in `language` (None when that is not known) that is answered at `at`.

    The practice's own language answers where the text's has no replies. Never raises for a practice that was loaded.
    """
    spoken = language if language in practice.replies else practice.practice.language
    texts = practice.replies[spoken]
    return _written(practice, spoken, texts.of(category), texts.after_hours_of(category), at)


def missed_call(practice: Practice, language: str | None, at: datetime) -> Reply | None:
    """The text to somebody whose call was missed; None when the practice sends none."""
    texts = practice.missed_calls
    if not texts.text_back:
        return None
    spoken = language if language in texts.texts else practice.practice.language
    return _written(practice, spoken, texts.texts[spoken], texts.after_hours.get(spoken), at)


def _written(practice: Practice, language: str, template: str, after_hours: str | None, at: datetime) -> Reply:
    """`template` or, when the practice is closed and it can be filled, `after_hours`."""
    filled = fields(practice, language, at)
    if after_hours and not practice.is_open(at) and fields_of(after_hours) <= filled.keys():
        return Reply(sms.as_sent(fill(after_hours, filled)), language, after_hours=True)
    return Reply(sms.as_sent(fill(template, filled)), language, after_hours=False)
