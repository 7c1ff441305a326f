"""What the model looks at besides the embedding: words, parts of words, and what the rules noticed.

Features are hashed into a fixed number of columns, so there is no vocabulary to keep: the same text gives the same
columns on every machine.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from zlib import crc32

from responder.understanding import guards, symptoms
from responder.understanding.concepts import concepts
from responder.understanding.reading import Reading
from responder.understanding.shapes import shaped

COLUMNS = 2**15
_WORD = re.compile(r"[^\W_]+|[?!]|[^\w\s.,;:'\"()-]")
_OPENING = 5
"""Words at the start that are marked as such: of two questions, the first one is answered."""


def columns(reading: Reading) -> dict[int, float]:
    """Column to weight; each family of features (words, their parts, concepts, notices) has length one."""
    found: dict[int, float] = {}
    for family in (_words(reading), _parts(reading), _meanings(reading), _notices(reading)):
        counts = Counter(crc32(name.encode()) % COLUMNS for name in family)
        weights = {column: 1 + math.log(count) for column, count in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for column, weight in weights.items():
            found[column] = found.get(column, 0.0) + weight / length
    return found


def _words(reading: Reading) -> Iterator[str]:
    """One to three words in a row; the opening ones once more, marked."""
    words = ["<", *_WORD.findall(shaped(reading.folded)), ">"]
    for size in (1, 2, 3):
        for at in range(len(words) - size + 1):
            yield f"w {' '.join(words[at : at + size])}"
    for word in words[1 : 1 + _OPENING]:
        yield f"o {word}"


def _parts(reading: Reading) -> Iterator[str]:
    """Three to five letters in a row within a word and its edges: what is left of a word when it is misspelt."""
    for word in reading.words:
        edged = f" {word} "
        for size in (3, 4, 5):
            for at in range(len(edged) - size + 1):
                yield f"p {edged[at : at + size]}"


def _meanings(reading: Reading) -> Iterator[str]:
    """Concepts, the first of them once more, and each pair."""
    found = list(concepts(reading))
    for at, name in enumerate(found):
        yield f"c {name}"
        for other in found[:at]:
            yield f"c {' '.join(sorted((name, other)))}"
    yield f"c first {found[0] if found else None}"


def _notices(reading: Reading) -> Iterator[str]:
    yield "n always"
    for sense in symptoms.senses(reading):
        yield f"n symptom {sense}"
    if symptoms.is_elsewhere(reading):
        yield "n elsewhere"
    if guards.is_past(reading):
        yield "n past"
    if guards.is_imagined(reading):
        yield "n imagined"
    if guards.is_to_come(reading):
        yield "n to come"
    if symptoms.is_about_a_pet(reading):
        yield "n pet"
    if guards.is_present(reading):
        yield "n present"
    yield f"n words {min(len(reading.words), 32).bit_length()}"
    yield f"n clauses {min(len(reading.clauses), 4)}"
    if "?" in reading.original:
        yield "n question"
