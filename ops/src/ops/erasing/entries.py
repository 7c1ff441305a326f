"""What entries of the responder's buckets are about, beside those that bear the number or a hash of it. Pure.

The database knows what is erased by events, so that is how it is asked: an entry is put as the event that it tells of.
"""

import json
import re
from typing import Any
from uuid import uuid4

from contracts.call import CallStatusChanged
from contracts.topology import CALLS, REPLIES
from responder.sending.claims import Erased

ERASED_CLAIM = Erased().model_dump_json().encode()

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CALL = CallStatusChanged.model_fields["type"].default


def told_by(bucket: str, key: str, value: bytes) -> list[dict[str, Any]]:
    """The events that an entry tells of; none when only its number can show whose it is."""
    if bucket == REPLIES.name:
        return _claimed(key, value)
    if bucket == CALLS.name:
        call = _object(value)
        return [
            {"id": str(uuid4()), "type": _CALL, "data": {name: call.get(name) for name in ("provider", "call_sid")}}
        ]
    return []


def owner_in(value: bytes) -> str:
    """The claim that an entry `message.…` of REPLIES names."""
    return value.decode("utf-8", "replace")


def _claimed(key: str, value: bytes) -> list[dict[str, Any]]:
    """The text that is answered, whose event's id is the key; and the outcome, which says what a notice is about."""
    asked = [{"id": key, "type": "", "data": {}}] if _UUID.fullmatch(key) else []
    outcome = _object(value).get("outcome")
    return [*asked, outcome] if isinstance(outcome, dict) else asked


def _object(value: bytes) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
