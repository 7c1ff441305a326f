"""Recordings of a call, and what was said in them, when and by whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recorder.web.pages.views import places, words
from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.pages.views.words import in_words
from recorder.web.reading import models


@dataclass(frozen=True)
class Segment:
    """A stretch of speech; a click on it plays it."""

    start: float
    end: float
    position: str
    speaker: str
    """`Speaker 1`; empty when only one can be told."""
    voice: int
    """0 for the first speaker, 1 for the second…: for the stylesheet."""
    text: str


@dataclass(frozen=True)
class Recording:
    """One recording with its transcript, or the reason why there is none."""

    anchor: str
    audio: str
    at: Moment | None
    length: str
    state: str
    """Changes whenever the transcript does: what the page need not replace while it plays."""
    segments: tuple[Segment, ...]
    text: str
    """The words when no segments are known."""
    facts: tuple[str, ...]
    problem: str


def recordings(made: Sequence[models.Recording], clock: Clock) -> tuple[Recording, ...]:
    """In the order in which they were made."""
    return tuple(_recording(each, clock) for each in made)


def _recording(row: models.Recording, clock: Clock) -> Recording:
    how = row.transcription or models.Transcription()
    text = row.transcription_text or ""
    return Recording(
        anchor=places.anchor("recording", row.recording_sid),
        audio=places.audio(row.provider, row.recording_sid),
        at=clock.moment(row.started_at or row.ready_at),
        length=words.length(row.recording_duration),
        state=f"{row.transcription_status}-{len(how.segments)}-{len(text)}",
        segments=segments(how.segments),
        text=text,
        facts=tuple(_facts(how)),
        problem=_problem(row.transcription_status, how.reason, text),
    )


def segments(said: Sequence[models.Segment]) -> tuple[Segment, ...]:
    """Speakers are numbered as they first speak; a lone speaker needs no label."""
    voices: dict[str, int] = {}
    for each in said:
        voices.setdefault(each.speaker, len(voices))
    several = len(voices) > 1
    return tuple(
        Segment(
            start=each.start,
            end=each.end,
            position=words.position(each.start),
            speaker=_speaker(each.speaker, voices) if several else "",
            voice=voices[each.speaker],
            text=each.text,
        )
        for each in said
    )


def _speaker(speaker: str, voices: dict[str, int]) -> str:
    return "Unknown speaker" if speaker == "unknown" else f"Speaker {voices[speaker] + 1}"


def _facts(how: models.Transcription) -> Iterator[str]:
    if how.language:
        yield in_words(words.LANGUAGES, how.language)
    if how.confidence is not None:
        yield f"{words.percent(how.confidence)} sure of the words"
    if how.engine:
        yield f"written down by {how.engine}" + (f" {how.model}" if how.model else "")
    if how.incomplete:
        yield "parts of the recording were damaged"


def _problem(status: str | None, reason: str | None, text: str) -> str:
    if status == "completed":
        return "" if text else "Nobody speaks in this recording."
    if status in ("failed", "skipped"):
        return f"Not written down: {in_words(words.NO_TRANSCRIPT, reason)}." if reason else "Not written down."
    return "Being written down…"
