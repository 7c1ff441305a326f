"""The examples that the model learns from, as JSON lines in files by subject."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.values import Category

Language = Literal["en", "es", "mixed"]


class Example(BaseModel):
    """One text and what it is about.

    Examples of one `group` say the same in other words: they are never split between what is learned and what is
    tested. `trap` names what makes the example hard.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1)
    category: Category
    language: Language
    group: str = ""
    trap: str = ""

    def saying(self, text: str) -> Self:
        """The same example in other words."""
        return self.model_copy(update={"text": text})


VALIDATION = "validation.jsonl"
"""Texts of another author: what the thresholds and the temperature are chosen with."""
HOLDOUT = "holdout.jsonl"
"""Texts that nothing was ever made from; they only measure."""
SECOND_HOLDOUT = "second-holdout.jsonl"
"""The same, written later and measured only when examples, model and rules had been settled."""
_KEPT_APART = frozenset({VALIDATION, HOLDOUT, SECOND_HOLDOUT})
_SINCE_ADAPTER = frozenset({"various.jsonl", "pairs.jsonl", "further.jsonl"})
"""Written after the adapter of today had been trained, which has therefore seen none of them.

An adapter that is trained again learns from them too; then only files that come later belong here.
"""


@dataclass(frozen=True)
class Corpus:
    """The examples to learn from, and the sets that are kept apart from them.

    The last `since_adapter` examples came after the adapter of today.
    """

    examples: tuple[Example, ...]
    since_adapter: int
    validation: tuple[Example, ...]
    holdout: tuple[Example, ...]
    second_holdout: tuple[Example, ...]


def read(folder: Path) -> Corpus:
    """Every example of the folder's `*.jsonl` files. Raises `OSError`, `ValueError`."""
    files = sorted(file for file in folder.glob("*.jsonl") if file.name not in _KEPT_APART)
    earlier = [example for file in files if file.name not in _SINCE_ADAPTER for example in read_file(file)]
    later = [example for file in files if file.name in _SINCE_ADAPTER for example in read_file(file)]
    return Corpus(
        examples=(*earlier, *later),
        since_adapter=len(later),
        validation=tuple(read_file(folder / VALIDATION)),
        holdout=tuple(read_file(folder / HOLDOUT)),
        second_holdout=tuple(read_file(folder / SECOND_HOLDOUT)),
    )


def read_file(file: Path) -> Iterator[Example]:
    """The examples of one file; those without a group are a group of their own."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                example = Example.model_validate_json(line)
            except ValueError as error:
                raise ValueError(f"{file.name}:{number}: {error}") from error
            yield example if example.group else example.model_copy(update={"group": f"{file.stem}-{number}"})
