"""Byte ranges of a request (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*")


@dataclass(frozen=True)
class Asked:
    """A range as a client asks for it: `first-last`, `first-` or `-last` (so many from the end)."""

    first: int | None
    last: int | None

    def of(self, size: int) -> "Slice | None":
        """Which bytes that is of a file of `size` bytes; None when it is none (416)."""
        if self.first is None:
            first, end = max(size - (self.last or 0), 0), size
        else:
            first, end = self.first, size if self.last is None else min(self.last + 1, size)
        return Slice(first, end, size) if first < end else None

    @property
    def header(self) -> str:
        """As a request asks for it."""
        return f"bytes={'' if self.first is None else self.first}-{'' if self.last is None else self.last}"


@dataclass(frozen=True)
class Slice:
    """Bytes `first` to before `end` of a file of `size`."""

    first: int
    end: int
    size: int

    @property
    def header(self) -> str:
        """Content-Range."""
        return f"bytes {self.first}-{self.end - 1}/{self.size}"


def asked(header: str | None) -> Asked | None:
    """The one range that is asked for. None for none, several or nonsense: then the whole file is the right answer."""
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    first, last = (int(number) if number else None for number in match.groups())
    if first is not None and last is not None and last < first:
        return None
    return Asked(first, last)
