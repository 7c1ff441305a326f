"""The trained head: from an embedding and hashed features to the probability of each category.

Two linear layers, one for each, whose scores are added, and a softmax. `frontdesk understanding train` makes its file.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Self

import numpy as np

from contracts.values import Category
from responder.understanding.encoder import Vectors, encoder
from responder.understanding.features import columns
from responder.understanding.reading import LONGEST, Reading

FILE = "head.npz"
Probabilities = dict[Category, float]


@dataclass(frozen=True)
class Head:
    """Weights, one column per category. `temperature` makes the probabilities as sure as they turn out right."""

    categories: tuple[Category, ...]
    dense: Vectors
    hashed: Vectors
    bias: Vectors
    temperature: float
    corpus: str

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a head that `save` wrote."""
        with np.load(file, allow_pickle=False) as stored:
            return cls(
                categories=tuple(Category(name) for name in stored["categories"]),
                dense=stored["dense"].astype(np.float32),
                hashed=stored["hashed"].astype(np.float32),
                bias=stored["bias"].astype(np.float32),
                temperature=float(stored["temperature"]),
                corpus=str(stored["corpus"]),
            )

    def save(self, file: Path) -> None:
        """Write it, with weights rounded to 16 bits."""
        np.savez_compressed(
            file,
            categories=np.array([category.value for category in self.categories]),
            dense=self.dense.astype(np.float16),
            hashed=self.hashed.astype(np.float16),
            bias=self.bias.astype(np.float16),
            temperature=np.float64(self.temperature),
            corpus=np.str_(self.corpus),
        )

    def probabilities(self, reading: Reading) -> Probabilities:
        """How probable each category is."""
        scores = encoder().encode([reading.original[:LONGEST]])[0] @ self.dense + self.bias
        for column, weight in columns(reading).items():
            scores = scores + weight * self.hashed[column]
        grown = np.exp((scores - scores.max()) / self.temperature)
        return dict(zip(self.categories, (grown / grown.sum()).tolist(), strict=True))


@lru_cache(maxsize=1)
def head() -> Head:
    """The head that is part of the package."""
    with resources.as_file(resources.files("responder.understanding") / FILE) as file:
        return Head.load(file)
