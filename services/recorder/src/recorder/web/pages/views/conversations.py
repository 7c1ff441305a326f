"""*Conversations*: the list of threads, and one thread as a messenger shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from recorder.web.pages.views import places, words
from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.pages.views.marks import Marks, Note, Subject, marks, notes
from recorder.web.pages.views.numbers import Party, party
from recorder.web.pages.views.today import attached
from recorder.web.pages.views.words import in_words
from recorder.web.reading import models


@dataclass(frozen=True)
class Entry:
    """A thread in the list."""

    anchor: str
    url: str
    who: Party
    at: Moment | None
    snippet: str
    ours: bool
    """Whether the newest message is ours."""
    answer: str
    """Who answered, or why nobody did."""
    category: str
    waits: bool
    """Whether a person should look."""
    marks: Marks


@dataclass(frozen=True)
class Bubble:
    """One message of a thread."""

    anchor: str
    side: Literal["theirs", "ours", "note"]
    """`note`: nothing was sent, and why."""
    text: str
    files: tuple[str, ...]
    at: Moment | None
    by: str
    """Who wrote it, when it is ours."""
    status: str
    failed: bool
    understood: str
    silence: str
    waits: bool


@dataclass(frozen=True)
class Thread:
    """A thread's page."""

    subject: Subject
    who: Party
    practice: Party
    opted_out: str
    days: tuple[tuple[str, tuple[Bubble, ...]], ...]
    marks: Marks
    notes: tuple[Note, ...]
    summary: str
    calls: str
    """Where the calls of this number are."""
    older: str
    """Cursor of the page with older messages; empty when there are none."""


def entry(row: models.Conversation, clock: Clock) -> Entry:
    """A thread as the list shows it."""
    last = row.last
    return Entry(
        anchor=places.anchor("conversation", row.conversation_id),
        url=places.conversation(row.conversation_id),
        who=party(row.patient),
        at=clock.moment(row.last_at),
        snippet=_snippet(last) if last else "",
        ours=last is not None and last.direction == "outbound" and bool(last.message),
        answer=_answer(last) if last else "",
        category=in_words(words.CATEGORIES, last.category) if last else "",
        waits=last is not None and _waits(last, row.marks.done_at),
        marks=marks(row.marks, clock),
    )


def _snippet(last: models.Message) -> str:
    return last.message or attached(last.media) or words.silence(_reason(last))


def _waits(last: models.Message, done_at: datetime | None) -> bool:
    if last.category in ("opt_out", "opt_in") or (done_at is not None and done_at >= last.occurred_at):
        return False
    return last.needs_staff or (last.direction == "inbound" and last.answered_at is None)


def _answer(last: models.Message) -> str:
    if last.direction == "outbound":
        return "" if last.status == "suppressed" else _author(last)
    if last.answered_at:
        return "Answered automatically"
    return words.silence(last.unanswered_because) or "No reply yet"


def _author(row: models.Message) -> str:
    if purpose := row.metadata.get("purpose"):
        return in_words(words.NOTICES, purpose)
    return "Automatic reply" if row.auto_response else "Sent by the practice"


def thread(row: models.Thread, clock: Clock) -> Thread:
    """A thread with a page of its messages."""
    known = {message.message_sid for message in row.messages}
    shown = [
        _bubble(message, clock)
        for message in reversed(row.messages)
        if message.status != "suppressed" or message.in_reply_to not in known  # the text itself says why
    ]
    who = party(row.patient)
    return Thread(
        subject=Subject("conversation", row.conversation_id),
        who=who,
        practice=party(row.practice),
        opted_out=_opted_out(row.consent, clock),
        days=_by_day(shown),
        marks=marks(row.marks, clock),
        notes=notes(row.written, clock),
        summary=_summary(who, shown),
        calls=places.calls_of(who.number),
        older=row.next or "",
    )


def _opted_out(consent: models.Consent | None, clock: Clock) -> str:
    if consent is None or consent.state != "opted_out":
        return ""
    since = clock.moment(consent.changed_at)
    return f"Asked for no more texts ({since.short})" if since else ""


def _by_day(shown: Sequence[Bubble]) -> tuple[tuple[str, tuple[Bubble, ...]], ...]:
    days = groupby(shown, key=lambda each: each.at.day if each.at else "")
    return tuple((day, tuple(bubbles)) for day, bubbles in days)


def _summary(who: Party, shown: Sequence[Bubble]) -> str:
    if not shown:
        return "No messages"
    last = shown[-1]
    writer = who.shown if last.side == "theirs" else last.by or "us"
    return f"Newest message from {writer}: {last.text or last.silence}"


def _bubble(row: models.Message, clock: Clock) -> Bubble:
    inbound = row.direction == "inbound"
    return Bubble(
        anchor=places.anchor("message", row.message_sid),
        side="theirs" if inbound else "note" if row.status == "suppressed" else "ours",
        text=row.message or "",
        files=tuple(_file(each) for each in row.media),
        at=clock.moment(row.occurred_at),
        by="" if inbound else _author(row),
        status="" if inbound else words.delivery(row.status, row.error_code),
        failed=not inbound and row.status in words.FAILURES,
        understood=_understood(row) if inbound else "",
        silence=words.silence(row.unanswered_because if inbound else _reason(row)),
        waits=row.needs_staff,
    )


def _reason(row: models.Message) -> str | None:
    return row.metadata.get("reason") if row.status == "suppressed" else None


def _understood(row: models.Message) -> str:
    if not row.category:
        return ""
    if row.category == "none":
        return "Not understood"
    said = [f"Understood: {in_words(words.CATEGORIES, row.category)}"]
    if row.understood_by:
        said.append(f"by {words.understood_by(row.understood_by)}")
    if row.confidence is not None:
        said.append(f"{words.percent(row.confidence)} sure")
    return ", ".join(said)


def _file(media: models.Media) -> str:
    kind = media.content_type or "file"
    name = urlsplit(media.url or "").path.rpartition("/")[2]
    return f"{kind}: {name}" if name else kind
