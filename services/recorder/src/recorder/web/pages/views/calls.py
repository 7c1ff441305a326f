"""*Calls*: the list, and the page of one call."""

from dataclasses import dataclass

from recorder.web.pages.views import places, words
from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.pages.views.marks import Marks, Note, Subject, marks, notes
from recorder.web.pages.views.numbers import Party, party
from recorder.web.pages.views.timeline import Step, timeline
from recorder.web.pages.views.transcript import Recording, recordings
from recorder.web.pages.views.words import Tone, in_words
from recorder.web.reading import models

_ICONS = {
    "missed": "phone-missed",
    "voicemail": "voicemail",
    "outbound": "phone-outgoing",
    "answered": "phone-incoming",
}
_ANSWERERS = {"desk": "by the front desk", "receptionist": "by the automatic receptionist"}


@dataclass(frozen=True)
class Entry:
    """A call in the list."""

    anchor: str
    url: str
    who: Party
    at: Moment | None
    icon: str
    tone: Tone
    outcome: str
    length: str
    snippet: str
    marks: Marks


@dataclass(frozen=True)
class Call:
    """The page of one call."""

    subject: Subject
    who: Party
    at: Moment | None
    icon: str
    tone: Tone
    outcome: str
    facts: tuple[tuple[str, str], ...]
    """Name and value, for a description list."""
    steps: tuple[Step, ...]
    recordings: tuple[Recording, ...]
    thread: str
    """Where the texts with this number are; empty when there can be none."""
    calls: str
    marks: Marks
    notes: tuple[Note, ...]
    summary: str


def entry(row: models.Call, clock: Clock) -> Entry:
    """A call as the list shows it."""
    return Entry(
        anchor=places.anchor("call", row.key),
        url=places.call(row.provider, row.call_sid),
        who=party(row.patient),
        at=clock.moment(row.at),
        icon=_icon(row),
        tone=_tone(row),
        outcome=_outcome(row),
        length=words.length(row.duration or None),
        snippet=row.transcription_text or "",
        marks=marks(row.marks, clock),
    )


def call(row: models.CallDetail, clock: Clock) -> Call:
    """A call with everything about it."""
    who = party(row.patient)
    practice = row.from_number if row.direction == "outbound" else row.to_number
    at = clock.moment(row.at)
    return Call(
        subject=Subject("call", row.key),
        who=who,
        at=at,
        icon=_icon(row),
        tone=_tone(row),
        outcome=_outcome(row),
        facts=_facts(row, at, practice),
        steps=timeline(row.timeline, clock),
        recordings=recordings(row.recordings, clock),
        thread=places.thread_of(who.number, practice) if who.dial and practice else "",
        calls=places.calls_of(who.number) if who.number else "",
        marks=marks(row.marks, clock),
        notes=notes(row.written, clock),
        summary=f"{who.shown}: {_outcome(row)}",
    )


def _facts(row: models.Call, at: Moment | None, practice: str | None) -> tuple[tuple[str, str], ...]:
    said = (
        ("When", at.full if at else ""),
        ("Lasted", words.length(row.duration or None)),
        ("From us" if row.direction == "outbound" else "To", party(practice).shown if practice else ""),
        ("Cost", words.money(row.price, row.price_unit) if row.price is not None else ""),
        ("Provider", in_words(words.PROVIDERS, row.provider)),
    )
    return tuple((name, value) for name, value in said if value)


def _outcome(row: models.Call) -> str:
    said = in_words(words.OUTCOMES, row.outcome)
    by = _ANSWERERS.get(row.answered_by or "", "")
    return f"{said} {by}" if by and row.outcome == "answered" else said


def _icon(row: models.Call) -> str:
    return _ICONS.get(row.outcome or "", "phone")


def _tone(row: models.Call) -> Tone:
    return words.OUTCOME_TONES.get(row.outcome or "", "calm")
