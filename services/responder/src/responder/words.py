"""Words as they are compared: case, accents and simple inflection do not count."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_SUFFIXES = ("s", "es", "ed", "ing", "ings", "ly", "ful")
_SHORT = 4
"""Words of fewer letters are only tolerated a plural: too many other words begin like them."""


def words(text: str) -> tuple[str, ...]:
    """`What's the COST, José?` → `("whats", "the", "cost", "jose")`."""
    joined = _APOSTROPHES.sub("", text)
    decomposed = unicodedata.normalize("NFKD", joined)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return tuple(_WORD.findall(bare.casefold()))


@lru_cache(maxsize=4096)
def forms(word: str) -> frozenset[str]:
    """`word` and its simple inflections, as `words` would give them: book → books, booked, booking.

    Some results are no words; nobody writes those, so they do no harm.
    """
    if len(word) < _SHORT:
        return frozenset({word, f"{word}s"})
    return frozenset(form for root in _roots(word) for form in (root, *_inflected(root)))


def _roots(word: str) -> set[str]:
    """`word`, and what it may be an inflection of: hours → hour, bleeding → bleed, closed → close."""
    roots = {word}
    if word.endswith("s") and not word.endswith("ss"):
        roots.add(word[:-1])
    if word.endswith("ing"):
        roots.add(word[:-3])
    if word.endswith("ed"):
        roots.add(word[:-1])
    return {root for root in roots if len(root) >= _SHORT}


def _inflected(root: str) -> set[str]:
    plain = {f"{root}{suffix}" for suffix in _SUFFIXES}
    if root.endswith("e"):
        return plain | {f"{root}d", f"{root[:-1]}ing", f"{root[:-1]}ings"}
    if root.endswith("y"):
        return plain | {f"{root[:-1]}ies", f"{root[:-1]}ied"}
    return plain
