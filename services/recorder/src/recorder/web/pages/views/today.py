"""*Today*: what waits for a person, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recorder.web.pages.views import places, words
from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.pages.views.marks import Marks, Subject, marks
from recorder.web.pages.views.numbers import Party, party
from recorder.web.pages.views.words import Tone, in_words
from recorder.web.reading import models


@dataclass(frozen=True)
class Action:
    """The one thing to do first."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True)
class Item:
    """One thing that waits, with what to do about it."""

    subject: Subject
    anchor: str
    icon: str
    tone: Tone
    who: Party
    """Whom it is about, and whom to call."""
    title: str
    at: Moment | None
    said: str
    """In the patient's words, as far as there are any."""
    facts: tuple[str, ...]
    """What else is known, in our words."""
    opens: str
    action: Action
    marks: Marks

    @property
    def about(self) -> str:
        """For those who hear a button without seeing what it stands beside."""
        return f"{self.title}, {self.who.shown}"


@dataclass(frozen=True)
class Section:
    """Things of one kind."""

    id: str
    title: str
    icon: str
    nothing: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Today:
    """The whole page."""

    sections: tuple[Section, ...]
    summary: str
    """Read out when it changes."""

    @property
    def count(self) -> int:
        """How many things are open."""
        return sum(len(section.items) for section in self.sections)


def today(rows: models.Today, clock: Clock) -> Today:
    """The sections in the order in which they want to be worked on."""
    missed = [_call(each, clock) for each in rows.calls if each.outcome != "voicemail"]
    voicemails = [each for each in rows.calls if each.outcome == "voicemail"]
    unheard_first = sorted(voicemails, key=lambda each: each.marks.opened_at is not None)
    alerts = [_alert(each, clock) for each in rows.alerts]
    requests = [_request(each, clock) for each in rows.requests]
    texts = [_text(each, clock) for each in rows.conversations]
    heard = [_call(each, clock) for each in unheard_first]
    sections = (
        Section("alerts", "Emergencies", "siren", "No emergencies.", tuple(alerts)),
        Section("missed", "Missed calls", "phone-missed", "No missed calls.", tuple(missed)),
        Section("requests", "Requests", "calendar-plus", "Nobody waits for a call or an appointment.", tuple(requests)),
        Section("voicemails", "Voicemails", "voicemail", "No voicemails.", tuple(heard)),
        Section("texts", "Texts to answer", "message-square-text", "Nobody waits for an answer.", tuple(texts)),
    )
    return Today(sections, _summary(sections))


def _summary(sections: tuple[Section, ...]) -> str:
    waiting = [f"{section.title}: {len(section.items)}" for section in sections if section.items]
    return ", ".join(waiting) if waiting else "Nothing is waiting."


def _alert(row: models.Alert, clock: Clock) -> Item:
    taken = clock.moment(row.acknowledged_at)
    facts = [f"Taken by {party(row.acknowledged_by).shown}, {taken.short}"] if taken else []
    return _item(
        Subject("alert", row.id), row.marks, clock,
        icon="siren", tone="warn" if taken else "urgent", number=row.from_number,
        title=in_words(words.ALERTS, row.kind), at=row.raised_at, facts=facts, said=row.said or "",
        opens=_origin(row),
    )  # fmt: skip


def _origin(row: models.Alert) -> str:
    if row.kind == "emergency_call":
        return places.call(row.provider, row.origin)
    if row.kind == "emergency_voicemail":
        return places.recording(row.provider, row.origin)
    return places.thread_of(row.from_number, row.to_number)


def _call(row: models.OpenCall, clock: Clock) -> Item:
    voicemail = row.outcome == "voicemail"
    heard = clock.moment(row.marks.opened_at)
    facts = [words.length(row.recording_duration)] if voicemail and row.recording_duration else []
    if heard:
        facts.append(f"Opened by {row.marks.opened_by}, {heard.short}")
    return _item(
        Subject("call", row.key), row.marks, clock,
        icon="voicemail" if voicemail else "phone-missed", tone="calm" if voicemail and heard else "warn",
        number=row.from_number, title="Voicemail" if voicemail else "Missed call", at=row.started_at,
        said=row.transcription_text or "", facts=facts, opens=places.call(row.provider, row.call_sid),
    )  # fmt: skip


def _request(row: models.Request, clock: Clock) -> Item:
    callback = row.kind == "callback"
    return _item(
        Subject(row.kind, row.id), row.marks, clock,
        icon="phone-call" if callback else "calendar-plus", tone="calm", number=row.number,
        title="Wants a call back" if callback else "Wants an appointment", at=row.requested_at,
        said=row.about or row.wish or "", facts=[f"Gave the name {row.name}"] if row.name else [],
        opens=places.with_query("/search", q=row.number),
    )  # fmt: skip


def _text(row: models.OpenText, clock: Clock) -> Item:
    answered = clock.moment(row.answered_at)
    silent = words.silence(row.unanswered_because)
    facts = [
        in_words(words.CATEGORIES, row.category),
        f"Automatic reply {answered.short}" if answered else silent or "No reply yet",
    ]
    return _item(
        Subject("conversation", row.conversation_id), row.marks, clock,
        icon="message-square-text", tone="urgent" if row.category == "emergency" else "calm",
        number=row.from_number, title="Text", at=row.occurred_at, said=row.message or attached(row.media),
        facts=[each for each in facts if each], opens=places.conversation(row.conversation_id),
    )  # fmt: skip


def attached(media: Sequence[models.Media]) -> str:
    """What to show instead of words when only a picture came."""
    return words.count(len(media), "attachment") if media else ""


def _item(
    subject: Subject, marked: models.Marks, clock: Clock, *, icon: str, tone: Tone, number: str | None, title: str,
    at: datetime, facts: Sequence[str], opens: str, said: str = "",
) -> Item:  # fmt: skip
    who = party(number)
    return Item(
        subject, places.anchor(subject.kind, subject.key), icon, tone, who, title, clock.moment(at), said,
        tuple(facts), opens, _action(subject.kind, icon, who, opens), marks(marked, clock),
    )  # fmt: skip


def _action(kind: str, icon: str, who: Party, opens: str) -> Action:
    if icon == "voicemail":
        return Action("Listen", opens, "headphones")
    if kind != "conversation" and who.dial:
        return Action("Call back" if kind == "call" else "Call", f"tel:{who.dial}", "phone-call")
    return Action("Open", opens, "chevron-right")
