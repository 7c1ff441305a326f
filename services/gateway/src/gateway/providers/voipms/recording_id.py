"""What the id of a VoIP.ms recording gives away: documented ids are base64 of account-number-number-IN-epoch."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.values import Direction
from gateway.phone import normalised

_MEANING = re.compile(
    rb"(?P<account>\d+)-(?P<caller>\+?\d{3,15})-(?P<called>\+?\d{3,15})-(?P<way>IN|OUT)-(?P<epoch>\d{9,10})"
)


@dataclass(frozen=True)
class RecordedCallHint:
    """Who spoke, and when it began, in UTC: the API's `datetime` has no zone."""

    direction: Direction
    from_number: str
    to_number: str
    started_at: datetime


def hint_of(recording_id: str) -> RecordedCallHint | None:
    """What an id says; None when it says nothing, for the ids are opaque by right (VoIP.ms API docs, sample id)."""
    try:
        decoded = base64.b64decode(recording_id + "=" * (-len(recording_id) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    found = _MEANING.fullmatch(decoded)
    if found is None:
        return None
    return RecordedCallHint(
        direction=Direction.INBOUND if found["way"] == b"IN" else Direction.OUTBOUND,
        from_number=normalised(found["caller"].decode()),
        to_number=normalised(found["called"].decode()),
        started_at=datetime.fromtimestamp(int(found["epoch"]), UTC),
    )
