"""A webhook's named values, read once each: what no field of an event takes is left for its metadata."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from gateway.providers.base import Malformed

T = TypeVar("T")

_MAX_DIGITS = 9
"""More cannot be a count of seconds, and would not fit the database's integers."""


class Parameters:
    """Reads take a value out; `peek` leaves it in. Blank and missing are the same."""

    def __init__(self, values: Mapping[str, str], *, storable: bool = False) -> None:
        """`storable` says that nothing columns cannot hold is in any value; otherwise that is looked for."""
        self._left = dict(values) if storable or _all_storable(values) else _storable(values)

    def required(self, name: str, *others: str) -> str:
        """The first of these that has a value. Raises `Malformed`, naming the first, when none has."""
        value = self.optional(name, *others)
        if value is None:
            raise Malformed(name)
        return value

    def optional(self, name: str, *others: str) -> str | None:
        """The first of these that has a value, as it is."""
        value = self._left.get(name)
        if value and not value.isspace():
            del self._left[name]
            return value
        return self.optional(*others) if others else None

    def text(self, name: str) -> str:
        """A text, untrimmed; empty when it is missing."""
        return self._left.pop(name, "")

    def read(self, name: str, reader: Callable[[str], T | None]) -> T | None:
        """A value as `reader` understands it; what it does not understand (None) stays, and is carried along."""
        value = None if self.peek(name) is None else reader(self._left[name].strip())
        if value is not None:
            del self._left[name]
        return value

    def peek(self, name: str) -> str | None:
        """A value that metadata is to keep as well."""
        return self._left.get(name, "").strip() or None

    def drop(self, *names: str) -> None:
        """Forget copies of what another name already said."""
        for name in names:
            self._left.pop(name, None)

    def rest(self) -> dict[str, str]:
        """Everything not taken so far: call it last."""
        return self._left


def whole(text: str) -> int | None:
    """A count, such as `83`."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def seconds(text: str) -> int | None:
    """A duration in seconds: `83`, `01:23` (minutes first) or `00:01:23`."""
    parts = [whole(part) for part in text.split(":")]
    total = 0
    for part in parts:
        if part is None or len(parts) > 3:
            return None
        total = total * 60 + part
    return total if len(str(total)) <= _MAX_DIGITS else None


def later(time: datetime | None, by: int | None) -> datetime | None:
    """`time` plus `by` seconds, when both are known and the calendar reaches that far."""
    if time is None or by is None:
        return None
    try:
        return time + timedelta(seconds=by)
    except OverflowError:
        return None


def utc(time: datetime) -> datetime | None:
    """An aware time in UTC; None at the ends of the calendar."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return None


def _all_storable(values: Mapping[str, str]) -> bool:
    """Whether there is nothing columns cannot hold: NUL, and halves of surrogate pairs (JSON can escape both)."""
    text = "".join(values) + "".join(values.values())
    if "\x00" in text:
        return False
    return text.isascii() or text == text.encode("utf-8", "replace").decode()


def _storable(values: Mapping[str, str]) -> dict[str, str]:
    """The same without."""
    return {_replaced(name): _replaced(value) for name, value in values.items()}


def _replaced(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
