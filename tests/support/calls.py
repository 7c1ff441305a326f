"""Valid events about calls to the practice, to start from."""

from datetime import UTC, datetime
from typing import Any

from contracts.call import (
    CallDetailRecorded,
    CallDetailRecordedData,
    CallReceived,
    CallReceivedData,
    CallStatusChanged,
    CallStatusChangedData,
)
from contracts.recording import RecordingReady, RecordingReadyData
from contracts.values import Direction
from support.responder import PATIENT, TWILIO_NUMBER, VOIPMS_NUMBER

AFTERNOON = datetime(2026, 11, 17, 20, 14, tzinfo=UTC)
"""A Tuesday, 3:14 PM in New York: the practice is open."""


def ended(sid: str, status: str, *, at: datetime, caller: str | None = PATIENT, **changes: Any) -> CallStatusChanged:
    """A status of a call to the Twilio number."""
    fields = {"direction": Direction.INBOUND, "to_number": TWILIO_NUMBER, "ended_at": at, "metadata": {}, **changes}
    data = CallStatusChangedData(provider="twilio", call_sid=sid, status=status, from_number=caller, **fields)
    return CallStatusChanged.of(data, time=at, recorded=at)


def greeted(sid: str, at: datetime, line: str = "front_desk") -> CallReceived:
    """The call was answered by our greeting, or the receptionist."""
    data = CallReceivedData.model_validate(
        {
            "provider": "twilio",
            "call_sid": sid,
            "from_number": PATIENT,
            "to_number": TWILIO_NUMBER,
            "started_at": at,
            "line": line,
            "metadata": {},
        }
    )
    return CallReceived.of(data, time=at, recorded=at)


def record(sid: str, status: str, *, at: datetime, arrived: datetime) -> CallDetailRecorded:
    """VoIP.ms' CDR of a call."""
    data = CallDetailRecordedData(
        provider="voipms",
        call_sid=sid,
        direction=Direction.INBOUND,
        status=status,
        from_number=PATIENT,
        to_number=VOIPMS_NUMBER,
        started_at=at,
        ended_at=at,
        metadata={},
    )
    return CallDetailRecorded.of(data, time=at, recorded=arrived)


def recording(sid: str, at: datetime) -> RecordingReady:
    """The recording of a call."""
    data = RecordingReadyData(provider="twilio", recording_sid=f"RE{sid}", call_sid=sid, metadata={})
    return RecordingReady.of(data, time=at)
