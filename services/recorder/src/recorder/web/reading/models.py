"""The answers. Times are UTC; numbers are E.164 where they can be; a provider's addresses are not among them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_ADDRESSES = frozenset({"recording_url", "RecordingUrl", "recordingUrl"})


def _without_addresses(data: Any) -> Any:
    """Where a recording lies at the provider is for nobody to fetch but us."""
    if isinstance(data, dict):
        return {key: _without_addresses(value) for key, value in data.items() if key not in _ADDRESSES}
    return data


class Answer(BaseModel):
    """Columns that are not named here are not shown."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Details = Annotated[dict[str, Any], BeforeValidator(_without_addresses)]

MarkKind = Literal["call", "conversation", "alert", "callback", "appointment"]


class Marks(Answer):
    """What the front desk did with a thing."""

    done_at: datetime | None = None
    done_by: str | None = None
    assigned_to: str | None = None
    opened_at: datetime | None = Field(None, description="When somebody first played or read it")
    opened_by: str | None = None
    notes: int = Field(0, description="How many there are")


class Note(Answer):
    """What somebody wrote down about a thing."""

    id: int
    author: str
    note: str
    written_at: datetime


class Call(Answer):
    """A phone call."""

    provider: str
    call_sid: str = Field(description="`recording:<sid>` while nobody said which call was recorded")
    at: datetime
    patient: str | None
    direction: str | None
    status: str | None = Field(description="In Twilio's words")
    outcome: str | None = Field(description="answered, voicemail, missed, ongoing or outbound")
    answered_by: str | None = Field(description="desk or receptionist")
    from_number: str | None
    to_number: str | None
    started_at: datetime | None
    ended_at: datetime | None
    duration: int | None = Field(description="Seconds")
    price: float | None
    price_unit: str | None
    recording_sid: str | None = Field(description="Of several recordings the last")
    recording_duration: int | None = Field(description="Seconds")
    transcription_status: str | None
    transcription_text: str | None
    metadata: Details = Field({}, description="The provider's other parameters")
    created_at: datetime
    updated_at: datetime
    marks: Marks

    @property
    def key(self) -> str:
        """What marks and notes of it are kept under."""
        return f"{self.provider}/{self.call_sid}"


class Segment(Answer):
    """A stretch of speech."""

    start: float = Field(description="Seconds")
    end: float = Field(description="Seconds")
    speaker: str = "unknown"
    text: str = ""


class Transcription(Answer):
    """How a transcript came about, and when each word was said."""

    segments: tuple[Segment, ...] = ()
    language: str | None = None
    engine: str | None = None
    model: str | None = None
    confidence: float | None = None
    incomplete: bool = False
    reason: str | None = Field(None, description="Why there is no transcript")


class Recording(Answer):
    """A recording of a call; `/api/recordings/{provider}/{recording_sid}/audio` plays it."""

    provider: str
    recording_sid: str
    call_sid: str | None
    linked_by: str | None = Field(description="provider: it named the call. time: time, numbers and direction fit")
    direction: str | None
    from_number: str | None
    to_number: str | None
    recording_duration: int | None = Field(description="Seconds")
    recording_channels: int | None
    started_at: datetime | None
    ready_at: datetime | None
    transcription_status: str | None
    transcription_text: str | None
    transcription: Transcription | None
    transcribed_at: datetime | None


class Happening(Answer):
    """An event about a call."""

    type: str
    time: datetime
    data: Details


class CallDetail(Call):
    """A call with everything about it."""

    timeline: tuple[Happening, ...]
    recordings: tuple[Recording, ...]
    written: tuple[Note, ...] = Field((), description="Notes, oldest first")


class Media(Answer):
    """Something attached to a text."""

    url: str | None = None
    content_type: str | None = None


class Message(Answer):
    """A text."""

    provider: str
    message_sid: str
    conversation_id: str | None
    patient: str | None
    direction: str
    from_number: str | None
    to_number: str | None
    message: str | None
    status: str | None
    error_code: str | None
    error_message: str | None
    media: tuple[Media, ...]
    auto_response: bool
    category: str | None = Field(description="What the responder understood")
    understood_by: str | None
    confidence: float | None
    language: str | None
    needs_staff: bool
    answered_at: datetime | None = Field(description="Of an inbound text: when its automatic answer was accepted")
    unanswered_because: str | None
    in_reply_to: str | None
    metadata: Details = Field({}, description="The provider's other parameters")
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime


class Conversation(Answer):
    """A thread of texts between a patient and one of the practice's numbers."""

    conversation_id: str
    patient: str
    practice: str
    last_at: datetime
    last_inbound_at: datetime | None
    last: Message | None = None
    marks: Marks


class Consent(Answer):
    """Whether a number may be texted."""

    number: str
    state: str
    changed_at: datetime


class Thread(Conversation):
    """A conversation with its texts, newest first, and notes."""

    consent: Consent | None = None
    messages: tuple[Message, ...] = ()
    written: tuple[Note, ...] = Field((), description="Notes, oldest first")
    next: str | None = Field(None, description="`cursor` of the page with older texts")


class Found(Answer):
    """A text or transcript with the words that were searched for."""

    kind: Literal["message", "transcript"]
    at: datetime
    provider: str
    sid: str
    patient: str | None
    said: str | None
    conversation_id: str | None = None
    direction: str | None = None
    call_sid: str | None = None


class Alert(Answer):
    """Something staff must look at."""

    id: str
    provider: str
    kind: str
    origin: str
    from_number: str
    to_number: str
    said: str | None = None
    """The words that raised it: the text, or what was said in the voicemail."""
    raised_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    marks: Marks


class Request(Answer):
    """Somebody wants to be called, or an appointment."""

    id: str
    kind: Literal["callback", "appointment"]
    provider: str
    origin: str
    number: str
    name: str | None
    about: str | None = None
    wish: str | None = None
    requested_at: datetime
    marks: Marks


class OpenCall(Answer):
    """A missed call or a voicemail that nobody dealt with."""

    provider: str
    call_sid: str
    outcome: str
    from_number: str | None
    to_number: str | None
    started_at: datetime
    duration: int | None
    recording_sid: str | None
    recording_duration: int | None
    transcription_status: str | None
    transcription_text: str | None
    marks: Marks

    @property
    def key(self) -> str:
        """What marks and notes of it are kept under."""
        return f"{self.provider}/{self.call_sid}"


class OpenText(Answer):
    """The newest text of a thread that a person has to read."""

    provider: str
    message_sid: str
    conversation_id: str
    from_number: str | None
    to_number: str | None
    message: str | None
    media: tuple[Media, ...]
    category: str | None
    needs_staff: bool
    answered_at: datetime | None
    unanswered_because: str | None
    occurred_at: datetime
    marks: Marks


class Today(Answer):
    """What waits for somebody at the front desk, most urgent first within each list."""

    alerts: tuple[Alert, ...]
    calls: tuple[OpenCall, ...]
    requests: tuple[Request, ...]
    conversations: tuple[OpenText, ...]
