"""Cursors: the place of a page's last row, opaque to who carries it, good for the same question only."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

_CHECK = 8
"""Bytes of the checksum. It finds mistakes; there is nothing in a cursor that its bearer may not choose."""
_MOST = 2000


class BadCursor(ValueError):
    """Not one of ours, or of another question."""


def write(place: Mapping[str, str], question: object) -> str:
    """`place` as a cursor; `question` is whatever the answer depends on beside it."""
    said = json.dumps(place, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(_checksum(said, question) + said).decode().rstrip("=")


def read(cursor: str, question: object, *names: str) -> dict[str, str]:
    """The place again. Raises `BadCursor`; `names` are those a place has, `at` among them."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, said = raw[:_CHECK], raw[_CHECK:]
        place = json.loads(said)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("the cursor is none of ours") from error
    if len(cursor) > _MOST or check != _checksum(said, question) or not _fits(place, names):
        raise BadCursor("the cursor is damaged, or of another question")
    return {name: place[name] for name in names}


def _checksum(said: bytes, question: object) -> bytes:
    return sha256(said + b"\0" + json.dumps(question, sort_keys=True, default=str).encode()).digest()[:_CHECK]


def _fits(place: Any, names: tuple[str, ...]) -> bool:
    if not isinstance(place, dict) or set(place) != set(names):
        return False
    if not all(isinstance(value, str) and "\0" not in value for value in place.values()):
        return False
    try:
        return datetime.fromisoformat(place["at"]).tzinfo is not None
    except ValueError:
        return False
