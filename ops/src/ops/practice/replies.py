"""`frontdesk reply preview` and `frontdesk reply table`: what patients are answered, and what it takes to send it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path

from contracts.sms import SmsReceived, SmsReceivedData
from contracts.values import Category
from responder import sms
from responder.consent.ledger import Standing
from responder.decision import House, Reply, Silence, decide
from responder.practice.model import Practice
from responder.replies.checking import Template, at_their_longest
from responder.understanding import classify

PAGE = Path("docs/replies.md")

_HEAD = """\
# What patients are answered

Generated from [practice.toml](../practice.toml) by `frontdesk reply table`. Each text stands here as it is sent when
its fields take most room: the longest day, the latest time, the fullest hours. *After hours* texts are sent instead of
the others while the practice is closed. Lengths are in characters as they are sent: 160 of GSM-7 fit one message,
VoIP.ms takes no more, and Twilio would bill more as several segments. [practice.md](practice.md) says how texts are
written.
"""
_COLUMNS = "| category | when | text | encoding | length | segments |\n|---|---|---|---|---|---|\n"
_MISSED_CALL = "missed call"


def preview(practice: Practice, message: str, at: datetime, provider: str) -> Iterator[tuple[str, str]]:
    """What the responder would do about `message`, as names and values.

    As if it came in at `at` by `provider`, from a number that we know nothing of.
    """
    understood = classify(message, practice)
    house = House(practice, own_numbers=frozenset(), senders=frozenset({provider}), fallbacks={})
    decision = decide(_text(message, at, provider), understood, Standing(None, 0), house, at)
    yield "category", f"{decision.category} (confidence {understood.confidence:.2f})"
    yield "by", f"{understood.by}{', and staff are asked to look' if understood.needs_staff else ''}"
    yield "practice", "open" if practice.is_open(at) else "closed"
    if decision.alert:
        yield "alert", "people on call are alerted"
    match decision.answer:
        case Reply(text=text, language=language):
            yield "language", language
            yield "text", text
            yield "length", _length(text)
        case Silence(reason=reason):
            yield "no reply", reason.value


def _text(message: str, at: datetime, provider: str) -> SmsReceived:
    data = SmsReceivedData(
        provider=provider,
        message_sid="preview",
        from_number="+12015550123",
        to_number="+12015550100",
        message=message,
        metadata={},
    )
    return SmsReceived.of(data, time=at)


def _length(text: str) -> str:
    size = sms.size(text)
    segments = "1 segment" if size.segments == 1 else f"{size.segments} segments"
    return f"{size.length} of {sms.LONGEST} ({size.encoding}), {segments}"


def page(practice: Practice) -> str:
    """Markdown with every text of the file."""
    parts = [_HEAD]
    ranked = sorted(at_their_longest(practice), key=lambda one: _rank(practice, one[0]))
    for language, texts in groupby(ranked, lambda one: one[0].language):
        parts.append(f"\n## {language}\n\n{_COLUMNS}")
        parts += [_row(template, text) for template, text in texts]
    return "".join(parts)


def _rank(practice: Practice, template: Template) -> tuple[int, int, bool]:
    """By language, then as the categories are declared, then the text for other hours before the one after hours."""
    kinds = [*Category, None]
    return practice.languages.index(template.language), kinds.index(template.category), template.after_hours


def _row(template: Template, text: str) -> str:
    size = sms.size(text)
    when = "after hours" if template.after_hours else "any time"
    shown = text.replace("|", "\\|")
    cells = (template.category or _MISSED_CALL, when, shown, size.encoding, size.length, size.segments)
    return f"| {' | '.join(map(str, cells))} |\n"
