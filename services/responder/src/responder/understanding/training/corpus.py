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


@dataclass(frozen=True)
class Corpus:
    """The examples to learn from, and the two sets that are kept apart from them."""

    examples: tuple[Example, ...]
    validation: tuple[Example, ...]
    holdout: tuple[Example, ...]


def read(folder: Path) -> Corpus:
    """Every example of the folder's `*.jsonl` files, in the order of their names. Raises `OSError`, `ValueError`."""
    files = sorted(file for file in folder.glob("*.jsonl") if file.name not in {VALIDATION, HOLDOUT})
    return Corpus(
        tuple(example for file in files for example in read_file(file)),
        tuple(read_file(folder / VALIDATION)),
        tuple(read_file(folder / HOLDOUT)),
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
