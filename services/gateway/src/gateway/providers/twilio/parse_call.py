"""Twilio's webhooks about calls."""

from datetime import datetime
from typing import Literal

from contracts.call import (
    TERMINAL_CALL_STATUSES,
    CallReceived,
    CallReceivedData,
    CallStatusChanged,
    CallStatusChangedData,
)
from contracts.recording import RecordingReady, RecordingReadyData
from contracts.values import Direction
from gateway.phone import normalised
from gateway.providers.base import Parsed, VerifiedRequest
from gateway.providers.parameters import Parameters, later, whole
from gateway.providers.twilio.parameters import PROVIDER, direction, parameters, rfc2822


def front_desk(request: VerifiedRequest) -> Parsed:
    """A call to the number that the front desk answers."""
    return _received(request, "front_desk")


def receptionist(request: VerifiedRequest) -> Parsed:
    """A call to the number that Julie answers."""
    return _received(request, "receptionist")


def voicemail_done(_: VerifiedRequest) -> Parsed:
    """The caller finished a voicemail; the recording is announced by its own callback, once it can be fetched."""
    return Parsed(ignored="the recording's own callback follows")


def _received(request: VerifiedRequest, line: Literal["front_desk", "receptionist"]) -> Parsed:
    given = parameters(request)
    data = CallReceivedData(
        provider=PROVIDER,
        call_sid=given.required("CallSid"),
        account_sid=given.optional("AccountSid"),
        direction=given.read("Direction", direction) or Direction.INBOUND,
        status=given.required("CallStatus"),
        from_number=normalised(given.required("From")),
        to_number=normalised(given.required("To")),
        started_at=request.raw.received_at,
        line=line,
        metadata=given.rest(),
    )
    return Parsed((request.event(CallReceived, data),))


def status_changed(request: VerifiedRequest) -> Parsed:
    """A call's progress or end; with the recording, when the whole call was recorded.

    Twilio docs (call resource): CallDuration is in seconds, Duration in billed minutes.
    """
    given = parameters(request)
    time = given.read("Timestamp", rfc2822) or request.raw.received_at
    recording = _recording(given)
    status, duration = given.required("CallStatus"), given.read("CallDuration", whole)
    caller, called = given.optional("From"), given.optional("To")
    data = CallStatusChangedData(
        provider=PROVIDER,
        call_sid=given.required("CallSid"),
        account_sid=given.optional("AccountSid"),
        direction=given.read("Direction", direction),
        status=status,
        from_number=normalised(caller) if caller else None,
        to_number=normalised(called) if called else None,
        started_at=_start(status, time, duration),
        ended_at=time if status in TERMINAL_CALL_STATUSES else None,
        duration=duration,
        recording_url=given.optional("RecordingUrl"),
        metadata=given.rest(),
    )
    stated = [request.event(CallStatusChanged, data, time=time)]
    if recording is not None:
        stated.append(request.event(RecordingReady, recording, time=time))
    return Parsed(tuple(stated))


def _start(status: str, end: datetime, duration: int | None) -> datetime | None:
    return later(end, -duration) if status == "completed" and duration is not None else None


def _recording(given: Parameters) -> RecordingReadyData | None:
    """Twilio docs (call resource): present when the call was created with Record=true."""
    sid, url = given.peek("RecordingSid"), given.peek("RecordingUrl")
    if sid is None or url is None:
        return None
    given.drop("RecordingSid")
    return RecordingReadyData(
        provider=PROVIDER,
        recording_sid=sid,
        recording_url=url,
        call_sid=given.peek("CallSid"),
        account_sid=given.peek("AccountSid"),
        recording_duration=given.read("RecordingDuration", whole),
        metadata={},
    )
