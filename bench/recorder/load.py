"""Events as a busy practice makes them, valid, in order: texts with answers and status reports, calls, voicemails."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.call import CallReceived, CallStatusChanged
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged

_START = datetime(2026, 9, 7, 16, tzinfo=UTC)
_PRACTICE = "+12125550100"
_VOICEMAIL = "Hi, this is Pat. I would like to move my appointment to Thursday afternoon, please call me back. " * 3


def events(first: int = 0, start: datetime = _START) -> Iterator[AnyEvent]:
    """Without end; patients come again after ten thousand others. `first` numbers the first text and call."""
    for number in itertools.count(first):
        patient, at = f"+1646555{number % 10_000:04}", start + timedelta(seconds=number - first)
        yield from _text(number, patient, at)
        yield from _call(number, patient, at)


def _event(kind: type[AnyEvent], at: datetime, **data: Any) -> AnyEvent:
    model = kind.model_fields["data"].annotation
    assert model is not None
    return kind.of(model(provider="twilio", **data), time=at)


def _text(number: int, patient: str, at: datetime) -> Iterator[AnyEvent]:
    ours: dict[str, Any] = {"from_number": _PRACTICE, "to_number": patient}
    text = _event(
        SmsReceived,
        at,
        message_sid=f"SM{number:032}",
        from_number=patient,
        to_number=_PRACTICE,
        message="Can I move my appointment to Thursday afternoon?",
        metadata={"NumMedia": "0", "FromCity": "NEW YORK"},
    )
    answers: dict[str, Any] = {
        "in_reply_to": f"SM{number:032}",
        "in_reply_to_provider": "twilio",
        "in_reply_to_event": text.id,
        "category": "appointment",
    }
    reply = {"message_sid": f"SR{number:032}"}
    yield text
    said = "Thank you! We will get back to you to find a time."
    yield _event(SmsSent, at + timedelta(seconds=1), **reply, **ours, message=said, status="queued", **answers)
    for seconds, status in ((2, "sent"), (3, "delivered")):
        yield _event(SmsStatusChanged, at + timedelta(seconds=seconds), **reply, status=status, metadata={})


def _call(number: int, patient: str, at: datetime) -> Iterator[AnyEvent]:
    call: dict[str, Any] = {"call_sid": f"CA{number:032}"}
    parties: dict[str, Any] = {"from_number": patient, "to_number": _PRACTICE}
    yield _event(CallReceived, at, **call, **parties, started_at=at, line="front_desk", metadata={"CallerCity": "X"})
    yield _event(CallStatusChanged, at + timedelta(seconds=20), **call, status="in-progress", metadata={})
    end = at + timedelta(seconds=60)
    yield _event(CallStatusChanged, end, **call, status="completed", duration=60, ended_at=end, metadata={})
    if number % 4 == 0:
        recording: dict[str, Any] = {**call, "recording_sid": f"RE{number:032}"}
        voicemail = {"RecordingSource": "RecordVerb"}
        yield _event(RecordingReady, end, **recording, recording_duration=20, metadata=voicemail)
        heard: dict[str, Any] = {"transcription_text": _VOICEMAIL, "engine": "faster-whisper"}
        yield _event(TranscriptionCompleted, end + timedelta(seconds=20), **recording, **heard)
