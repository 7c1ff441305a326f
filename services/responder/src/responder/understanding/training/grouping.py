"""Which examples say so nearly the same that learning one and testing the other would measure memory."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from responder.understanding.training.corpus import Example

ALIKE = 0.6
"""Share of common letter trigrams (Jaccard) from which two texts count as one."""
_GAPS = re.compile(r"\W+")


def families(examples: Sequence[Example]) -> npt.NDArray[np.intp]:
    """A number per example: the same for those of one group, and for groups that have texts alike."""
    heads: dict[str, str] = {}

    def head(group: str) -> str:
        while heads.setdefault(group, group) != group:
            group = heads[group]
        return group

    for one, other in _alike([trigrams(example.text) for example in examples]):
        heads[head(examples[one].group)] = head(examples[other].group)
    names = [head(example.group) for example in examples]
    return np.unique(names, return_inverse=True)[1]


def trigrams(text: str) -> frozenset[str]:
    """Three letters in a row each, without case and punctuation; a shorter text is one of its own."""
    plain = _GAPS.sub(" ", text.casefold()).strip() or text
    return frozenset(plain[at : at + 3] for at in range(len(plain) - 2)) or frozenset({plain})


def _alike(texts: Sequence[frozenset[str]]) -> list[tuple[int, int]]:
    having: defaultdict[str, list[int]] = defaultdict(list)
    pairs: list[tuple[int, int]] = []
    for at, text in enumerate(texts):
        common = Counter(other for part in text for other in having[part])
        pairs += [(at, other) for other, n in common.items() if n > ALIKE * (len(text) + len(texts[other]) - n)]
        for part in text:
            having[part].append(at)
    return pairs
