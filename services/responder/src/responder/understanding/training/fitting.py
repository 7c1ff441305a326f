"""Fitting the head: one regularised logistic regression over embeddings, one over hashed features."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from contracts.values import Category
from responder.understanding.encoder import Encoder, Vectors
from responder.understanding.features import COLUMNS, columns
from responder.understanding.head import Head
from responder.understanding.reading import LONGEST, Reading
from responder.understanding.training.corpus import Example

DENSE_STRENGTH = 10.0
HASHED_STRENGTH = 10.0
"""Inverse of the regularisation, chosen by cross-validation over the corpus."""

Chosen = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Prepared:
    """Examples as the regressions see them: a row each, and what they are about."""

    dense: Vectors
    hashed: csr_matrix
    categories: npt.NDArray[np.str_]

    def rows(self, chosen: Chosen) -> "Prepared":
        """Some of the examples."""
        return Prepared(self.dense[chosen], self.hashed[chosen], self.categories[chosen])


def prepared(examples: Sequence[Example], encoder: Encoder) -> Prepared:
    """Embed and hash the examples."""
    return Prepared(
        encoder.encode([example.text[:LONGEST] for example in examples]),
        _hashed(examples),
        np.array([example.category.value for example in examples]),
    )


def fit(examples: Prepared, *, temperature: float = 1.0, corpus: str = "") -> Head:
    """The head that explains the examples best.

    The two regressions are fitted apart and their scores added. Fitted as one, the embedding, which was trained on the
    same examples, would explain them so well that the words hardly counted.
    """
    dense = _regression(DENSE_STRENGTH, examples.dense, examples)
    hashed = _regression(HASHED_STRENGTH, examples.hashed, examples)
    return Head(
        categories=tuple(Category(name) for name in dense.classes_),
        dense=dense.coef_.T.astype(np.float16).astype(np.float32),
        hashed=hashed.coef_.T.astype(np.float16).astype(np.float32),
        bias=(dense.intercept_ + hashed.intercept_).astype(np.float32),
        temperature=temperature,
        corpus=corpus,
    )


def predicted(head: Head, examples: Prepared) -> npt.NDArray[np.float64]:
    """The probability of each of the head's categories, one row per example."""
    scores: Any = (examples.dense @ head.dense + examples.hashed @ head.hashed + head.bias) / head.temperature
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = grown / grown.sum(axis=1, keepdims=True)
    return shares


def temperature(folds: Sequence[tuple[Head, Prepared]]) -> float:
    """The temperature at which the probabilities of heads fit examples that each of them has never seen."""

    def surprise(tried: float) -> float:
        return sum(_surprise(replace(head, temperature=tried), unseen) for head, unseen in folds)

    return round(float(minimize_scalar(surprise, bounds=(0.2, 8.0), method="bounded").x), 2)


def _surprise(head: Head, unseen: Prepared) -> float:
    columns_of = {category.value: column for column, category in enumerate(head.categories)}
    truth = [columns_of[category] for category in unseen.categories]
    return float(-np.log(predicted(head, unseen)[np.arange(len(truth)), truth] + 1e-12).sum())


def fingerprint(examples: Sequence[Example]) -> str:
    """Changes when an example does, or what the features make of it: tells whether a head is up to date."""
    digest = hashlib.sha256()
    for example in examples:
        found = sorted((column, round(weight, 6)) for column, weight in columns(Reading(example.text)).items())
        digest.update(f"{example.category}{example.text}{found}".encode("utf-8", "replace"))
    return digest.hexdigest()


def _regression(strength: float, matrix: Vectors | csr_matrix, examples: Prepared) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=400, tol=1e-3).fit(matrix, examples.categories)


def _hashed(examples: Sequence[Example]) -> csr_matrix:
    rows, cells, weights = [], [], []
    for row, example in enumerate(examples):
        for column, weight in columns(Reading(example.text)).items():
            rows.append(row)
            cells.append(column)
            weights.append(np.float32(weight))
    return csr_matrix((weights, (rows, cells)), shape=(len(examples), COLUMNS), dtype=np.float32)
