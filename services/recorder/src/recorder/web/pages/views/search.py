"""*Search*: what was found, with the words that were looked for marked."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import snowballstemmer

from recorder.web.pages.views import places
from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.pages.views.numbers import Party, party
from recorder.web.reading import models

EXCERPT = 280
"""Characters around the first match."""
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"[\d\s().+-]{3,}")


@dataclass(frozen=True)
class Piece:
    """Some text, matched or not."""

    text: str
    matched: bool


@dataclass(frozen=True)
class Hit:
    """A text or transcript with the words, or a thread with the number."""

    anchor: str
    url: str
    icon: str
    kind: str
    who: Party
    at: Moment | None
    pieces: tuple[Piece, ...]


def number_in(asked: str) -> str | None:
    """The digits, when somebody looks for a phone number or a part of one."""
    digits = "".join(each for each in asked if each.isdigit())
    return digits if _DIGITS.fullmatch(asked.strip()) and len(digits) >= 3 else None


def hit(found: models.Found, asked: str, clock: Clock) -> Hit:
    """A text or transcript with the words."""
    text = found.kind == "message"
    kind = "Said in a call" if not text else "Text from us" if found.direction == "outbound" else "Text"
    return Hit(
        anchor=places.anchor(found.kind, f"{found.provider}-{found.sid}"),
        url=_message_url(found) if text else places.call(found.provider, found.call_sid or f"recording:{found.sid}"),
        icon="message-square-text" if text else "voicemail",
        kind=kind,
        who=party(found.patient),
        at=clock.moment(found.at),
        pieces=excerpt(found.said or "", asked),
    )


def _message_url(found: models.Found) -> str:
    if not found.conversation_id:
        return "/conversations"
    return f"{places.conversation(found.conversation_id)}#{places.anchor('message', found.sid)}"


def number_hit(row: models.Conversation, clock: Clock) -> Hit:
    """A thread with the number."""
    return Hit(
        anchor=places.anchor("conversation", row.conversation_id),
        url=places.conversation(row.conversation_id),
        icon="messages-square",
        kind="Conversation",
        who=party(row.patient),
        at=clock.moment(row.last_at),
        pieces=(),
    )


def excerpt(said: str, asked: str, most: int = EXCERPT) -> tuple[Piece, ...]:
    """The part of `said` around its first match, at most about `most` characters, cut between words."""
    wanted = {stem for word in _WORD.findall(_excluded(asked)) for stem in _stems(word)}
    spans = [match.span() for match in _WORD.finditer(said) if wanted & _stems(match.group())]
    start, end = _window(said, spans[0][0] if spans else 0, most)
    return tuple(_pieces(said, spans, start, end))


def _excluded(asked: str) -> str:
    return re.sub(r'(^|\s)-("[^"]*"|\S+)', " ", asked)


def _window(said: str, first: int, most: int) -> tuple[int, int]:
    if len(said) <= most:
        return 0, len(said)
    start = 0 if first < most // 2 else said.rfind(" ", 0, first - most // 3) + 1
    end = said.find(" ", min(start + most, len(said)))
    return start, len(said) if end < 0 else end


def _pieces(said: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Piece]:
    at = start
    yield Piece("…" if start else "", matched=False)
    for opened, closed in spans:
        if opened < start or closed > end:
            continue
        yield Piece(said[at:opened], matched=False)
        yield Piece(said[opened:closed], matched=True)
        at = closed
    yield Piece(said[at:end] + ("…" if end < len(said) else ""), matched=False)


@cache
def _stemmers() -> tuple[snowballstemmer.stemmer, ...]:
    """The same algorithms by which the database finds words."""
    return tuple(snowballstemmer.stemmer(language) for language in ("english", "spanish"))


def _stems(word: str) -> set[str]:
    decomposed = unicodedata.normalize("NFD", word.lower())
    plain = "".join(each for each in decomposed if not unicodedata.combining(each))
    return {stemmer.stemWord(plain) for stemmer in _stemmers()}
