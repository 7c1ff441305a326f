"""From words with times to a transcript: who said what, in the order of the call."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from contracts.recording import Segment

PAUSE = 0.7
"""Seconds of silence after which the same speaker begins a new utterance."""
SENTENCE_PAUSE = 0.3
"""The same after the end of a sentence."""


@dataclass(frozen=True)
class Word:
    """One recognised word; times in seconds from the start of the recording."""

    start: float
    end: float
    text: str
    """As the engine spells it: with the space before it and the punctuation after."""
    probability: float
    speaker: str
    language: str


class Transcript(BaseModel):
    """What was said in one recording. Without speech there are no segments, no language and no confidence."""

    model_config = ConfigDict(frozen=True)

    segments: tuple[Segment, ...]
    language: str | None
    confidence: float | None
    audio_seconds: float
    damaged: bool
    truncated: bool

    @property
    def text(self) -> str:
        """All of it: one line per utterance with its speaker when several speak, otherwise running text."""
        if len({segment.speaker for segment in self.segments}) > 1:
            return "\n".join(f"{segment.speaker}: {segment.text}" for segment in self.segments)
        return " ".join(segment.text for segment in self.segments)


def compose(
    words: Iterable[Word], *, audio_seconds: float, damaged: bool = False, truncated: bool = False
) -> Transcript:
    """The transcript of `words`, which come in the order of time within a speaker."""
    said = [word for word in words if word.text.strip()]
    segments = sorted((_segment(words) for words in _utterances(said)), key=lambda part: (part.start, part.end))
    languages = Counter(word.language for word in said)
    return Transcript(
        segments=tuple(segments),
        language=languages.most_common(1)[0][0] if said else None,
        confidence=_confidence(said) if said else None,
        audio_seconds=round(audio_seconds, 2),
        damaged=damaged,
        truncated=truncated,
    )


def _utterances(words: Sequence[Word]) -> list[list[Word]]:
    """Whisper's own segments span pauses in which the other side spoke, so they say nothing about turns."""
    utterances: dict[str, list[list[Word]]] = {}
    for word in words:
        spoken = utterances.setdefault(word.speaker, [])
        if spoken and not _begins_anew(spoken[-1][-1], word):
            spoken[-1].append(word)
        else:
            spoken.append([word])
    return [utterance for spoken in utterances.values() for utterance in spoken]


def _begins_anew(before: Word, word: Word) -> bool:
    gap = word.start - before.end
    return gap > PAUSE or (gap > SENTENCE_PAUSE and before.text.rstrip().endswith((".", "?", "!")))


def _segment(words: Sequence[Word]) -> Segment:
    start = max(0.0, words[0].start)
    return Segment(
        start=round(start, 2),
        end=round(max(start, words[-1].end), 2),
        speaker=words[0].speaker,
        text="".join(word.text for word in words).strip(),
        confidence=_confidence(words),
    )


def _confidence(words: Sequence[Word]) -> float:
    return round(min(1.0, max(0.0, fmean(word.probability for word in words))), 3)
