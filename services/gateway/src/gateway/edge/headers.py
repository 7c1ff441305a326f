"""A request's headers. How many there may be, and how large, is the HTTP server's business."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class Headers(Mapping[str, str]):
    """Headers by lower-case name, without space around their values. Few are asked for: only those are decoded.

    The values of a repeated one are joined by commas (RFC 9110 section 5.3), so that two signatures are none: a proxy
    and we must not believe different ones.
    """

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        given = [*headers]
        self._found = dict(given)
        if len(self._found) < len(given):
            self._found = _joined(given)

    def __getitem__(self, name: str) -> str:
        return self._found[name.encode("latin-1")].decode("latin-1").strip(" \t")

    def get(self, name: str, default: Any = None) -> Any:
        """Like a dictionary's: the mix-in's tries, and catches."""
        value = self._found.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1").strip(" \t")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._found)

    def __len__(self) -> int:
        return len(self._found)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        stripped = value.strip(b" \t")
        found[name] = found[name] + b", " + stripped if name in found else stripped
    return found
