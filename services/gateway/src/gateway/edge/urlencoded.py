"""Forms and queries (application/x-www-form-urlencoded), read as `urllib.parse.parse_qsl` does in a third of its time.

It is the largest single piece of work in a webhook: twenty parameters, of which one has anything left to decode once
the `+` of phone numbers is replaced everywhere at once.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self
from urllib.parse import unquote, unquote_to_bytes

Pairs = list[tuple[str, str]]

MAX_PARAMETERS = 1_000
"""Providers send a few dozen. A request with more is not read: that is work done for a sender not yet believed."""


class TooManyParameters(ValueError):
    """More than `MAX_PARAMETERS`."""


class Form(NamedTuple):
    """The named values of a form, where their order does not matter."""

    values: dict[str, str]
    """The last one where a name is repeated."""
    repeated: Sequence[tuple[str, str]] = ()
    """All names and values where a name is repeated; otherwise empty, since `values` says it all."""

    @classmethod
    def of(cls, given: Iterable[tuple[str, str]]) -> Self:
        """What `form` reads."""
        given = [*given]
        values = dict(given)
        return cls(values, given if len(values) < len(given) else ())


def pairs(text: str) -> Pairs:
    """Names and values in order, blank ones and repeats kept. Bytes that are not UTF-8 become U+FFFD.

    Raises `TooManyParameters`.
    """
    return [_pair(part) for part in _parts(text) if part]


def form(text: str) -> Form:
    """The same by name, without a pair for each: the dictionary is what both the check and the event need.

    Raises `TooManyParameters`.
    """
    parts = _parts(text)
    try:
        values = dict([part.split("=", 1) for part in parts])
    except ValueError:  # one has no value at all
        return Form.of(pairs(text))
    for part in parts:
        if "%" in part:
            name, _, value = part.partition("=")
            if "%" in name:
                return Form.of(pairs(text))
            values[name] = _decoded(value)
    return Form(values) if len(values) == len(parts) else Form.of(pairs(text))


def _parts(text: str) -> list[str]:
    if text.count("&") >= MAX_PARAMETERS:
        raise TooManyParameters
    # %2B is never part of another escape, nor becomes one: its digits are no percent sign, and a plus is no digit.
    return text.replace("+", " ").replace("%2B", "+").split("&")


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return (_decoded(name), _decoded(value)) if "%" in part else (name, value)


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    return unquote_to_bytes(text).decode("utf-8", "replace") if text.isascii() else unquote(text, errors="replace")
