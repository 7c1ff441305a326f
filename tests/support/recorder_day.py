"""One day of a practice with everything that makes order matter: repeats with news, ties, answers before questions."""

from typing import Any

from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged, CallTurnTaken
from contracts.consent import ConsentChanged
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.recording import RecordingReady, TranscriptionCompleted, TranscriptionFailed, TranscriptionSkipped
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged, SmsSuppressed
from contracts.staff import AlertAcknowledged, AlertRaised, AppointmentRequested, CallbackRequested
from support.events import NOON
from support.recorder import PARTIES, PATIENT, REPLY_PARTIES, event

_CALL: dict[str, Any] = {"call_sid": "CA1"}
_TEXT: dict[str, Any] = {"in_reply_to": "SM1", "in_reply_to_provider": "twilio"}


def _texts() -> list[AnyEvent]:
    received = event(SmsReceived, message_sid="SM1", **PARTIES, message="Hours?", metadata={"NumMedia": "0"})
    again = event(SmsReceived, minute=9, message_sid="SM1", **PARTIES, message="Hours?", metadata={"City": "NYC"})
    answer: dict[str, Any] = _TEXT | {"in_reply_to_event": received.id}
    sent: dict[str, Any] = {"message_sid": "SM2", "message": "9 to 5.", "status": "queued", "category": "hours"}
    return [
        received,
        again,
        event(SmsSent, minute=1, **REPLY_PARTIES, **sent, **answer),
        event(SmsStatusChanged, minute=2, message_sid="SM2", status="sent", metadata={"a": "1"}),
        event(SmsStatusChanged, minute=2, message_sid="SM2", status="delivered", metadata={"a": "2"}),
        event(SmsStatusChanged, minute=2, message_sid="SM2", status="undelivered", error_code="30003", metadata={}),
        event(SmsStatusChanged, minute=3, message_sid="SM2", status="unheard-of", metadata={"b": "3"}),
        event(SmsStatusChanged, minute=3, message_sid="SM9", status="sending", **REPLY_PARTIES, metadata={}),
        event(SmsReceived, minute=4, provider="voipms", message_sid="7", **PARTIES, message="STOP", metadata={}),
        event(
            SmsSuppressed,
            minute=5,
            provider="voipms",
            **REPLY_PARTIES,
            category="opt_out",
            reason="rejected",
            error_code="21610",
            in_reply_to="7",
            in_reply_to_provider="voipms",
            in_reply_to_event=received.id,
        ),
        event(ConsentChanged, minute=5, provider="voipms", number=PATIENT, state="opted_out", message_sid="7"),
        event(ConsentChanged, minute=6, number=PATIENT, state="opted_in", message_sid="SM5"),
    ]


def _calls() -> list[AnyEvent]:
    status: dict[str, Any] = {**_CALL, "metadata": {}}
    return [
        event(CallReceived, **_CALL, **PARTIES, started_at=NOON, line="front_desk", metadata={"Caller": "x"}),
        event(CallStatusChanged, minute=1, **status, status="in-progress", started_at="2026-09-07T11:59:59-04:00"),
        event(CallStatusChanged, minute=3, **status, status="completed", duration=150, ended_at=NOON),
        event(CallStatusChanged, minute=3, **status, status="no-answer"),
        event(CallStatusChanged, minute=4, **status, status="ringing", account_sid="AC1"),
        event(CallDetailRecorded, minute=5, **status, status="completed"),
        event(CallDetailRecorded, minute=9, **status, status="completed", price="-0.0085", price_unit="USD"),
        event(CallTurnTaken, minute=2, **_CALL, turn=1, said="How can I help?"),
        event(CallDetailRecorded, provider="voipms", call_sid="17", status="completed", duration=3, metadata={}),
    ]


def _recordings() -> list[AnyEvent]:
    done: dict[str, Any] = {
        "engine": "faster-whisper",
        "segments": ({"start": 0, "end": 1, "speaker": "unknown", "text": "Hello"},),
    }
    heard: dict[str, Any] = {"transcription_text": "Hello", **done}
    return [
        event(RecordingReady, minute=4, **_CALL, recording_sid="RE1", recording_url="https://x/RE1", metadata={}),
        event(RecordingReady, minute=8, **_CALL, recording_sid="RE1", recording_duration=12, metadata={"r": "1"}),
        event(TranscriptionSkipped, minute=5, **_CALL, recording_sid="RE1"),
        event(TranscriptionFailed, minute=7, **_CALL, recording_sid="RE1", reason="engine_failed"),
        event(TranscriptionCompleted, minute=6, **_CALL, recording_sid="RE1", **heard),
        event(TranscriptionCompleted, minute=7, **_CALL, recording_sid="RE1", **heard, confidence=0.5),
        event(RecordingReady, provider="voipms", recording_sid="r9", recording_started_at=NOON, metadata={}),
        event(TranscriptionFailed, minute=1, provider="voipms", recording_sid="r9", reason="not_found"),
    ]


def _requests() -> list[AnyEvent]:
    alert = event(AlertRaised, minute=2, kind="emergency_text", origin="SM1", **PARTIES)
    taken: dict[str, Any] = {"origin": "SM1", "alert": alert.id}
    missed: dict[str, Any] = {"purpose": "missed_call", "cause": "CA1", "to_number": PATIENT}
    told: dict[str, Any] = {"message_sid": "SM8", "from_number": PARTIES["to_number"], "message": "We missed you."}
    return [
        alert,
        event(AlertAcknowledged, minute=4, provider="voipms", **taken, by_number="+12125550178"),
        event(AlertAcknowledged, minute=3, **taken, by_number="+12125550177"),
        event(NoticeSent, minute=3, **missed, **told, status="queued"),
        event(SmsStatusChanged, minute=6, message_sid="SM8", status="delivered", metadata={}),
        event(NoticeWithheld, minute=4, **missed, reason="rejected", error_code="30006"),
        event(NoticeWithheld, minute=5, **missed, reason="quiet_hours"),
        event(AlertRaised, minute=1, kind="emergency_text", origin="SM1", **PARTIES),
        event(CallbackRequested, origin="CA1", number=PATIENT, name="Ann"),
        event(CallbackRequested, minute=1, origin="CA1", number=PATIENT, name="Anne", about="a crown"),
        event(AppointmentRequested, origin="SM1", number=PATIENT, wish="Tuesday"),
    ]


def a_day() -> list[AnyEvent]:
    """The day in order."""
    return sorted(_texts() + _calls() + _recordings() + _requests(), key=lambda each: each.time)
