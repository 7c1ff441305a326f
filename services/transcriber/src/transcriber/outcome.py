"""The event that ends a recording's way through the transcriber. Pure."""

from datetime import datetime

from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from chassis.tracing import child_of
from contracts.recording import (
    RecordingReady,
    TranscriptionCompleted,
    TranscriptionCompletedData,
    TranscriptionFailed,
    TranscriptionFailedData,
    TranscriptionFailure,
    TranscriptionSkipped,
    TranscriptionSkippedData,
)
from transcriber.transcript import Transcript

Outcome = TranscriptionCompleted | TranscriptionFailed | TranscriptionSkipped


def completed(ready: RecordingReady, transcript: Transcript, *, engine: str, model: str, now: datetime) -> Outcome:
    """It was transcribed, with or without words in it."""
    data = TranscriptionCompletedData(
        provider=ready.data.provider,
        recording_sid=ready.data.recording_sid,
        call_sid=ready.data.call_sid,
        transcription_text=transcript.text,
        segments=transcript.segments,
        language=transcript.language,
        engine=engine,
        model=model,
        confidence=transcript.confidence,
        audio_seconds=transcript.audio_seconds,
        incomplete=transcript.damaged,
    )
    return TranscriptionCompleted.of(data, time=now, traceparent=child_of(ready.traceparent))


def cut_off(ready: RecordingReady, transcript: Transcript, *, now: datetime) -> Outcome:
    """Its end is missing: no transcript of the call, but what is left of the words is not thrown away."""
    data = TranscriptionFailedData(
        provider=ready.data.provider,
        recording_sid=ready.data.recording_sid,
        call_sid=ready.data.call_sid,
        reason=TranscriptionFailure.TRUNCATED,
        detail=f"the file ends after {transcript.audio_seconds:.1f} s, before its header says it should",
        partial_text=transcript.text or None,
    )
    return TranscriptionFailed.of(data, time=now, traceparent=child_of(ready.traceparent))


def failed(ready: RecordingReady, failure: PermanentFailure | TemporaryFailure, *, now: datetime) -> Outcome:
    """It cannot be transcribed, now or ever."""
    data = TranscriptionFailedData(
        provider=ready.data.provider,
        recording_sid=ready.data.recording_sid,
        call_sid=ready.data.call_sid,
        reason=failure.reason,
        detail=failure.detail,
    )
    return TranscriptionFailed.of(data, time=now, traceparent=child_of(ready.traceparent))


def skipped(ready: RecordingReady, *, now: datetime) -> Outcome:
    """It is not to be transcribed."""
    data = TranscriptionSkippedData(
        provider=ready.data.provider, recording_sid=ready.data.recording_sid, call_sid=ready.data.call_sid
    )
    return TranscriptionSkipped.of(data, time=now, traceparent=child_of(ready.traceparent))


def name(outcome: Outcome) -> str:
    """For metrics and logs: `completed`, `skipped`, or the reason of the failure."""
    match outcome:
        case TranscriptionCompleted():
            return "completed"
        case TranscriptionFailed(data=data):
            return str(data.reason)
        case TranscriptionSkipped():
            return "skipped"
