"""What is wrong with a practice file, and where: `practice.toml:12: practice.web_site: …; did you mean website?`"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_TABLE = re.compile(r"\s*\[(?P<list>\[)?\s*(?P<path>[^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?P<key>[\w.\"' -]+?)\s*=")

Place = tuple[str | int, ...]
"""Keys and list positions from the top of the file."""


class PracticeError(ValueError):
    """A practice file that cannot be used: one sentence per problem, each naming its place in the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def sentence(origin: str, toml: str, place: Place, problem: str) -> str:
    """One problem, with the file, the line where `place` stands (or its table does), and the place."""
    line = _line(toml, place)
    where = f"{origin}:{line}" if line else origin
    named = ".".join(map(str, place))
    return f"{where}: {named}: {problem}" if named else f"{where}: {problem}"


def sentences(origin: str, toml: str, error: ValidationError, model: type[BaseModel]) -> list[str]:
    """A sentence for each problem that pydantic found in `model`."""
    found = []
    for detail in error.errors(include_input=False, include_url=False):
        message = detail["msg"].removeprefix("Value error, ")
        if detail["type"] == "extra_forbidden":
            message = _unknown(detail["loc"], model)
        found.append(sentence(origin, toml, detail["loc"], message))
    return found


def _unknown(place: Place, model: type[BaseModel]) -> str:
    """That a key is not known, and which one was probably meant."""
    allowed = _keys(_section(model, place[:-1]))
    close = get_close_matches(str(place[-1]), allowed, n=1)
    if close:
        return f"is no key here; did you mean {close[0]}?"
    return f"is no key here; there are {', '.join(allowed)}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _section(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """The model of the table at `place`."""
    for part in place:
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                model = next(_models(field.annotation), model)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation such as `dict[str, Replies]` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _line(toml: str, place: Place) -> int | None:
    """The line of the longest part of `place` that the file writes down. (tomllib keeps no positions.)"""
    lines = dict(_written(toml.splitlines()))
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _written(lines: Sequence[str]) -> Iterator[tuple[Place, int]]:
    """Every table and key at the beginning of a line, with the number of that line."""
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(lines, 1):
        if header := _TABLE.match(line):
            table = _parts(header["path"], counts)
            if header["list"]:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, *_split(key["key"])), number


def _parts(path: str, counts: dict[Place, int]) -> Place:
    """A table's path; a table in a list of tables lies in the newest of them."""
    place: Place = ()
    parts = _split(path)
    for position, part in enumerate(parts, 1):
        place = (*place, part)
        if place in counts and position < len(parts):
            place = (*place, counts[place])
    return place


def _split(path: str) -> tuple[str, ...]:
    return tuple(found[1] or found[2] for found in re.finditer(r"""["']([^"']*)["']|([\w-]+)""", path))
