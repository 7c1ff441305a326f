"""Which language is spoken on each channel. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

LANGUAGES = ("en", "es")
"""ISO 639-1 of what patients speak. A short or noisy recording looks like any of a hundred languages otherwise."""

SURE = 0.6
"""Probability below which the other side's language is the better guess."""

KeyT = TypeVar("KeyT")


@dataclass(frozen=True)
class Guess:
    """A language and how likely it is."""

    language: str
    probability: float


def likeliest(probabilities: Iterable[tuple[str, float]]) -> Guess:
    """The likeliest of `LANGUAGES`."""
    known = dict(probabilities)
    language = max(LANGUAGES, key=lambda code: known.get(code, 0.0))
    return Guess(language, known.get(language, 0.0))


def settle(guesses: Mapping[KeyT, Guess]) -> dict[KeyT, str]:
    """Each channel's own language; where that is unsure, the one of the surest channel."""
    if not guesses:
        return {}
    surest = max(guesses.values(), key=lambda guess: guess.probability)
    return {key: guess.language if guess.probability >= SURE else surest.language for key, guess in guesses.items()}
