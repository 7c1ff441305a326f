"""Events about recordings and what was said in them."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, Field

from contracts.call import CallSid
from contracts.envelope import READER, AccountSid, Event, EventData, Service
from contracts.values import Confidence, Direction, Metadata, OpenTo, PhoneNumber, Seconds, Word

RecordingSid = Annotated[str, Field(min_length=1, max_length=256, description="The provider's id of the recording")]
RecordedCall = Annotated[CallSid | None, Field(description="The recorded call, when the provider says which")]


class RecordingReadyData(EventData):
    """A recording that can be fetched."""

    recording_sid: RecordingSid
    call_sid: RecordedCall = None
    account_sid: AccountSid = None
    direction: Annotated[Direction | None, Field(description="Of the recorded call, as far as known")] = None
    from_number: Annotated[PhoneNumber | None, Field(description="Of the recorded call, as far as known")] = None
    to_number: Annotated[PhoneNumber | None, Field(description="Of the recorded call, as far as known")] = None
    recording_url: Annotated[
        str | None, Field(description="Where the provider says it lies; VoIP.ms serves it by API only")
    ] = None
    recording_duration: Seconds = None
    recording_channels: Annotated[int | None, Field(ge=1, le=8, description="2 when each side has its own")] = None
    recording_started_at: Annotated[AwareDatetime | None, Field(description="When the recording began")] = None
    metadata: Metadata

    def identity(self) -> tuple[str, str, str]:
        """A recording becomes ready once."""
        return "recording", self.recording_sid, "ready"


class RecordingReady(Event[RecordingReadyData]):
    """A recording can be fetched."""

    bus_subject: ClassVar[str] = "events.recording.ready"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.recording.ready.v1"] = "frontdesk.recording.ready.v1"


class Segment(BaseModel):
    """A stretch of speech by one speaker; times in seconds from the start of the recording."""

    model_config = READER

    start: Annotated[float, Field(ge=0, description="Seconds")]
    end: Annotated[float, Field(ge=0, description="Seconds")]
    speaker: Annotated[str, Field(description="`channel_1`, `channel_2`, or `unknown` for a mixed recording")]
    text: Annotated[str, Field(description="What was said")]
    confidence: Confidence = None


class TranscriptionCompletedData(EventData):
    """What was said. A recording without speech has an empty text and no segments."""

    recording_sid: RecordingSid
    call_sid: RecordedCall = None
    transcription_text: Annotated[
        str, Field(max_length=300_000, description="All of it as text, a line per utterance when two speak")
    ]
    segments: Annotated[tuple[Segment, ...], Field(description="In the order of the recording")] = ()
    language: Annotated[
        str | None, Field(description="ISO 639-1 of the most spoken language; absent without speech")
    ] = None
    engine: Annotated[str, Field(description="What transcribed it", examples=["faster-whisper"])]
    model: Annotated[str | None, Field(description="Which model it used", examples=["whisper-base"])] = None
    confidence: Annotated[float | None, Field(ge=0, le=1, description="Mean word probability")] = None
    audio_seconds: Annotated[float | None, Field(ge=0, description="Length of what was decoded")] = None
    incomplete: Annotated[bool, Field(description="Parts of the file were damaged or missing")] = False

    def identity(self) -> tuple[str, str, str]:
        """One result per recording."""
        return "recording", self.recording_sid, "transcribed"


class TranscriptionCompleted(Event[TranscriptionCompletedData]):
    """A recording was transcribed."""

    bus_subject: ClassVar[str] = "events.transcription.completed"
    published_by: ClassVar[Service] = "transcriber"
    type: Literal["frontdesk.transcription.completed.v1"] = "frontdesk.transcription.completed.v1"


class TranscriptionFailure(StrEnum):
    """Why a recording has no transcript."""

    NOT_FOUND = "not_found"
    """The provider does not have it, also after waiting."""
    FORBIDDEN = "forbidden"
    """The provider refused our credentials."""
    UNTRUSTED_HOST = "untrusted_host"
    """Its URL is not on the provider's host; nothing was fetched."""
    NO_CREDENTIALS = "no_credentials"
    """No credentials are configured for this provider."""
    NOT_AUDIO = "not_audio"
    """What came is not audio (a web page, a document, noise)."""
    EMPTY = "empty"
    """Audio without content."""
    TRUNCATED = "truncated"
    """The file ends before its header says it should."""
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    UNAVAILABLE = "unavailable"
    """The provider did not deliver it, also after waiting."""
    ENGINE_FAILED = "engine_failed"
    """The engine crashed or ran out of time on it, repeatedly."""


OpenTranscriptionFailure = Annotated[
    TranscriptionFailure | Word,
    Field(union_mode="left_to_right"),
    OpenTo(TranscriptionFailure, "Why there is no transcript"),
]


class TranscriptionFailedData(EventData):
    """A recording that could not be transcribed, and why."""

    recording_sid: RecordingSid
    call_sid: RecordedCall = None
    reason: OpenTranscriptionFailure
    detail: Annotated[str | None, Field(max_length=500, description="For operators; without patients' data")] = None
    partial_text: Annotated[
        str | None, Field(max_length=300_000, description="What could be made out of a truncated recording")
    ] = None

    def identity(self) -> tuple[str, str, str]:
        """One final failure per recording."""
        return "recording", self.recording_sid, "transcription_failed"


class TranscriptionFailed(Event[TranscriptionFailedData]):
    """A recording could not be transcribed."""

    bus_subject: ClassVar[str] = "events.transcription.failed"
    published_by: ClassVar[Service] = "transcriber"
    type: Literal["frontdesk.transcription.failed.v1"] = "frontdesk.transcription.failed.v1"


class TranscriptionSkippedData(EventData):
    """A recording that is not to be transcribed."""

    recording_sid: RecordingSid
    call_sid: RecordedCall = None
    reason: Annotated[Literal["disabled"], Field(description="Why it was skipped")] = "disabled"

    def identity(self) -> tuple[str, str, str]:
        """Skipped once."""
        return "recording", self.recording_sid, "transcription_skipped"


class TranscriptionSkipped(Event[TranscriptionSkippedData]):
    """Transcription is switched off (`ENABLE_TRANSCRIPTION=false`)."""

    bus_subject: ClassVar[str] = "events.transcription.skipped"
    published_by: ClassVar[Service] = "transcriber"
    type: Literal["frontdesk.transcription.skipped.v1"] = "frontdesk.transcription.skipped.v1"
