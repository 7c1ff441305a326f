"""Every event there is, and how bytes from the bus become one."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged, CallTurnTaken
from contracts.consent import ConsentChanged
from contracts.envelope import Event
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.recording import (
    RecordingReady,
    TranscriptionCompleted,
    TranscriptionFailed,
    TranscriptionSkipped,
)
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged, SmsSuppressed
from contracts.staff import AlertAcknowledged, AlertRaised, AppointmentRequested, CallbackRequested

AnyEvent = Event[Any]

EVENTS: tuple[type[AnyEvent], ...] = (
    SmsReceived,
    SmsStatusChanged,
    SmsSent,
    SmsSuppressed,
    ConsentChanged,
    CallReceived,
    CallStatusChanged,
    CallDetailRecorded,
    CallTurnTaken,
    RecordingReady,
    TranscriptionCompleted,
    TranscriptionFailed,
    TranscriptionSkipped,
    NoticeSent,
    NoticeWithheld,
    AlertRaised,
    AlertAcknowledged,
    CallbackRequested,
    AppointmentRequested,
)

_BY_TYPE = {event.type_name(): event for event in EVENTS}
_HEAD: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class InvalidEvent(ValueError):
    """Bytes that are no valid event. The message names the fields, never their values."""


@dataclass(frozen=True)
class UnknownEvent:
    """A well-formed event of a type this version does not know: to be ignored and counted."""

    type: str


def decode_event(body: bytes) -> AnyEvent | UnknownEvent:
    """Read one event. Raises `InvalidEvent` for anything that is not JSON, not CloudEvents, or not as its type says."""
    try:
        head = _HEAD.validate_json(body)
    except ValidationError:
        raise InvalidEvent("not a JSON object") from None
    name = head.get("type")
    if head.get("specversion") != "1.0" or not isinstance(name, str):
        raise InvalidEvent("not a CloudEvents 1.0 event: specversion or type is missing")
    model = _BY_TYPE.get(name)
    if model is None:
        return UnknownEvent(name)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        wrong = "; ".join(f"{_place(problem['loc'])}: {problem['msg']}" for problem in problems)
        raise InvalidEvent(f"{name}: {wrong}") from None


def _place(location: tuple[int | str, ...]) -> str:
    """Where a problem is, as far as we named the place: what is below `metadata`, the sender did."""
    ours = location[: location.index("metadata") + 1] if "metadata" in location else location
    return ".".join(map(str, ours))
