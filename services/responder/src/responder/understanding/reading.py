"""How a text is read: folded to what does not depend on case, accents or disguise, and cut into words and clauses."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

LONGEST = 1600
"""Characters that are read: what ten joined SMS hold, and the most that Twilio delivers as one message."""

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(r"[^\W_]+|[.,;:!?\n]|[^\w\s]")
_ENDS_CLAUSE = frozenset(".,;:!?\n")
_TURNS = frozenset({"but", "pero", "however", "although", "aunque", "though", "yet", "except", "sino", "actually"})
"""Words after which a clause no longer speaks for the one before: "no pain but it is bleeding"."""


def every(words: str) -> frozenset[str]:
    """The words of a list, as it is written down."""
    return frozenset(words.split())


def fold(text: str) -> str:
    """`Ｎo PUEDO más…  José` → `no puedo mas... jose`: one spelling for what people mean to be the same.

    Apostrophes go (don't → dont), letters that are stretched shrink (pleeease → pleease), and so do invisible
    characters; line ends, punctuation and emoji stay.
    """
    compatible = unicodedata.normalize("NFKC", text[:LONGEST])
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", compatible).casefold())
    bare = "".join(character for character in decomposed if character == "\n" or _is_shown(character))
    return _STRETCHED.sub(r"\1\1", bare).strip()


def _is_shown(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] != "C" and category not in {"Mn", "Me"}) or (category == "Cc" and character == "\t")


@dataclass(frozen=True)
class Reading:
    """A text as the rules and the model see it. `original` is what the patient wrote."""

    original: str

    @cached_property
    def folded(self) -> str:
        """The text, folded."""
        return fold(self.original)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Words, punctuation and emoji, in order."""
        return tuple(_TOKEN.findall(self.folded))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words alone."""
        return tuple(token for token in self.tokens if token[0].isalnum())

    @cached_property
    def clauses(self) -> tuple[tuple[str, ...], ...]:
        """The words, cut where punctuation or a turning word begins something new; no clause is empty."""
        clauses: list[list[str]] = [[]]
        for token in self.tokens:
            if token in _ENDS_CLAUSE:
                clauses.append([])
            elif token in _TURNS:
                clauses.append([token])
            elif token[0].isalnum():
                clauses[-1].append(token)
        return tuple(tuple(clause) for clause in clauses if clause)
