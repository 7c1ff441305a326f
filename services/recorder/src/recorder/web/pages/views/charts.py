"""Charts as tables of numbers. The page shows the table; where scripts run, a picture is drawn from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Colour = Literal["good", "warn", "bad", "one", "two", "three"]


@dataclass(frozen=True)
class Column:
    """One series."""

    name: str
    colour: Colour


@dataclass(frozen=True)
class Line:
    """One bar, or one group of bars: a value per column."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Chart:
    """A picture and the table it is drawn from."""

    id: str
    title: str
    about: str
    """What there is to see, in a sentence."""
    first: str
    """Heading of the labels."""
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    form: Literal["stacked", "grouped", "across"] = "stacked"
    """`across`: bars from left to right, for labels that are words."""
    money: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(any(line.values) for line in self.lines)


WITHIN = {
    "1": "1 s", "2": "2 s", "5": "5 s", "10": "10 s", "30": "30 s", "60": "1 min", "300": "5 min", "900": "15 min",
    "3600": "1 h", "14400": "4 h", "86400": "1 day", "more": "longer",
}  # fmt: skip
"""Upper bounds of durations as the database counts them."""


def durations(counted: Mapping[str, int]) -> tuple[Line, ...]:
    """Counts per upper bound, from the shortest to the longest that occurs."""
    bounds = list(WITHIN)
    last = max((bounds.index(bound) for bound in counted if bound in WITHIN), default=-1)
    return tuple(Line(WITHIN[bound], (float(counted.get(bound, 0)),)) for bound in bounds[: last + 1])


def half_within(counted: Mapping[str, int]) -> str:
    """By when half of them were through: the median as far as the bounds tell; empty without any."""
    seen, total = 0, sum(counted.get(bound, 0) for bound in WITHIN)
    for bound, words in WITHIN.items():
        seen += counted.get(bound, 0)
        if total and seen * 2 >= total:
            return words
    return ""


def level(value: int, most: int, levels: int = 6) -> int:
    """How dark a field of a heat map is: 0 for nothing, up to `levels` for the most."""
    return 0 if value <= 0 or most <= 0 else max(1, min(levels, -(-value * levels // most)))


def total(values: Sequence[int | None]) -> int:
    """The sum; unknown counts as none."""
    return sum(value or 0 for value in values)
