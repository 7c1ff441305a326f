"""How good the understanding is, in figures: over texts whose category is known and that it was not made from."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.values import Category
from responder.understanding.training.corpus import Example
from responder.understanding.understood import Understanding

_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Judged:
    """A text, what it is about, and what was understood."""

    example: Example
    understood: Understanding

    @property
    def right(self) -> bool:
        """Whether the category is the one it should be."""
        return self.understood.category is self.example.category


@dataclass(frozen=True)
class Figures:
    """The figures of a set of texts; shares are between 0 and 1."""

    judged: tuple[Judged, ...]

    @classmethod
    def of(cls, examples: Sequence[Example], classify: Callable[[str], Understanding]) -> "Figures":
        """Classify every example."""
        return cls(tuple(Judged(example, classify(example.text)) for example in examples))

    @property
    def accuracy(self) -> float:
        """Texts that were understood rightly."""
        return sum(one.right for one in self.judged) / len(self.judged)

    def recall(self, category: Category) -> float:
        """Of the texts about a category, those that were understood so."""
        about = [one for one in self.judged if one.example.category is category]
        return sum(one.right for one in about) / len(about) if about else 1.0

    def precision(self, category: Category) -> float:
        """Of the texts that were understood as a category, those that are about it."""
        taken = [one for one in self.judged if one.understood.category is category]
        return sum(one.right for one in taken) / len(taken) if taken else 1.0

    @property
    def calibration_error(self) -> float:
        """How far confidence and the share that is right lie apart, on average over the rows of `calibration`."""
        apart = sum(abs(sum(one.understood.confidence - one.right for one in row)) for _, _, row in _rows(self))
        return apart / len(self.judged)

    def of_language(self, language: str) -> "Figures":
        """The figures of one language's texts."""
        return Figures(tuple(one for one in self.judged if one.example.language == language))


def summary(figures: Figures) -> Iterator[str]:
    """Accuracy and the emergencies, over all and per language, as a Markdown table."""
    yield "| texts | number | accuracy | emergency recall | emergency precision |"
    yield "|---|--:|--:|--:|--:|"
    for name, part in [("all", figures), *((name, figures.of_language(name)) for name in ("en", "es", "mixed"))]:
        if part.judged:
            emergency = part.recall(Category.EMERGENCY), part.precision(Category.EMERGENCY)
            shares = " | ".join(f"{share:.1%}" for share in (part.accuracy, *emergency))
            yield f"| {name} | {len(part.judged)} | {shares} |"


def confusion(figures: Figures) -> Iterator[str]:
    """What texts are about (rows) against what was understood (columns), as a Markdown table."""
    counts = Counter((one.example.category, one.understood.category) for one in figures.judged)
    yield f"| is \\ understood | {' | '.join(Category)} | recall |"
    yield f"|---|{'--:|' * (len(Category) + 1)}"
    for true in Category:
        cells = " | ".join(str(counts[true, taken] or "") for taken in Category)
        yield f"| {true} | {cells} | {figures.recall(true):.0%} |"


def calibration(figures: Figures) -> Iterator[str]:
    """How often it is right where it says how sure it is, as a Markdown table."""
    yield "| confidence | texts | mean confidence | right |"
    yield "|---|--:|--:|--:|"
    for low, high, row in _rows(figures):
        mean = sum(one.understood.confidence for one in row) / len(row)
        right = sum(one.right for one in row) / len(row)
        yield f"| {low:.2f} to {high:.2f} | {len(row)} | {mean:.2f} | {right:.2f} |"


def _rows(figures: Figures) -> Iterator[tuple[float, float, list[Judged]]]:
    """The texts by confidence; no row is empty."""
    for low, high in pairwise(_BINS):
        row = [
            o for o in figures.judged if low <= o.understood.confidence < high or high == o.understood.confidence == 1
        ]
        if row:
            yield low, high, row


def mistakes(figures: Figures) -> Iterator[str]:
    """Every text that was misunderstood, one a line."""
    for one in figures.judged:
        if not one.right:
            understood = one.understood
            yield (
                f"{one.example.category} taken for {understood.category} "
                f"({understood.confidence:.2f}, {understood.by}): {one.example.text}"
            )
