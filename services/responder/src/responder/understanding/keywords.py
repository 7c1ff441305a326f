"""The practice's keywords: words of a text that tell what it is about, where they are meant.

Case, accents, simple endings and one slip in a long word do not matter. A keyword that is negated, over or only
imagined ("no pain", "do you handle emergencies?") does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from contracts.values import Category
from responder.understanding.guards import Sense, sense
from responder.understanding.reading import Reading
from responder.words import forms, words

ORDER = (
    Category.EMERGENCY,
    Category.APPOINTMENT,
    Category.HOURS,
    Category.LOCATION,
    Category.INSURANCE,
)
"""Which category wins when a text has keywords of several: an emergency beats everything, whatever else is asked."""

_SLIPS_FROM = 7
"""Letters from which one may be wrong; shorter words have too many neighbours (pain, paid, plain)."""


@dataclass(frozen=True)
class Found:
    """A keyword of the practice that a text has, and how it is meant."""

    category: Category
    keyword: str
    sense: Sense


def find(reading: Reading, keywords: Mapping[Category, Sequence[str]]) -> tuple[Found, ...]:
    """The keywords that occur in the text, those of the weightiest category first."""
    return tuple(
        Found(category, keyword, sense(reading, clause, at, at + size))
        for category in ORDER
        for keyword in keywords.get(category, ())
        for clause in reading.clauses
        for at, size in _places(words(keyword), clause)
    )


def _places(keyword: tuple[str, ...], clause: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the words of `keyword` follow each other in a clause; only the last one may be inflected or misspelt."""
    *start, last = keyword
    size = len(keyword)
    return [
        (at, size)
        for at in range(len(clause) - size + 1)
        if list(clause[at : at + size - 1]) == start and _is(clause[at + size - 1], last)
    ]


@lru_cache(maxsize=16384)
def _is(word: str, keyword: str) -> bool:
    return word in forms(keyword) or (
        len(keyword) >= _SLIPS_FROM and word[:1] == keyword[:1] and _one_slip(word, keyword)
    )


def _one_slip(word: str, keyword: str) -> bool:
    """Whether one letter was left out, added, changed or swapped with its neighbour."""
    if abs(len(word) - len(keyword)) > 1 or word == keyword:
        return word == keyword
    at = next((i for i, (a, b) in enumerate(zip(word, keyword, strict=False)) if a != b), min(len(word), len(keyword)))
    tails = {
        (word[at:], keyword[at + 1 :]),
        (word[at + 1 :], keyword[at:]),
        (word[at + 1 :], keyword[at + 1 :]),
    }
    swapped = word[at : at + 2] == keyword[at : at + 2][::-1] and word[at + 2 :] == keyword[at + 2 :]
    return swapped or any(left == right for left, right in tails)
