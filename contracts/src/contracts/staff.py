"""Events that ask the practice's people to do something."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Event, EventData, Service
from contracts.values import OpenTo, PhoneNumber, Word


class AlertKind(StrEnum):
    """What staff must look at."""

    EMERGENCY_TEXT = "emergency_text"
    EMERGENCY_CALL = "emergency_call"
    EMERGENCY_VOICEMAIL = "emergency_voicemail"
    REPLY_UNKNOWN = "reply_unknown"
    """An automatic reply may or may not have reached the patient."""


Origin = Annotated[
    str,
    Field(min_length=1, max_length=256, description="message_sid, call_sid or recording_sid it came from"),
]


class AlertRaisedData(EventData):
    """Something that cannot wait for office hours. The words themselves stay in the message or call it points to."""

    kind: Annotated[AlertKind | Word, Field(union_mode="left_to_right"), OpenTo(AlertKind, "What happened")]
    origin: Origin
    from_number: PhoneNumber
    to_number: PhoneNumber

    def identity(self) -> tuple[str, str, str]:
        """One alert per kind and origin."""
        return "alert", self.origin, self.kind


class AlertRaised(Event[AlertRaisedData]):
    """Staff must look."""

    bus_subject: ClassVar[str] = "events.alert.raised"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.alert.raised.v1"] = "frontdesk.alert.raised.v1"


class AlertAcknowledgedData(EventData):
    """Somebody on call answered that they look after it; nobody else is told any more."""

    origin: Origin
    alert: Annotated[UUID, Field(description="id of the alert.raised event")]
    by_number: Annotated[PhoneNumber, Field(description="Who answered")]

    def identity(self) -> tuple[str, str, str]:
        """One acknowledgement per alert and person."""
        return "alert", str(self.alert), f"acknowledged:{self.by_number}"


class AlertAcknowledged(Event[AlertAcknowledgedData]):
    """Somebody on call looks after an alert."""

    bus_subject: ClassVar[str] = "events.alert.acknowledged"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.alert.acknowledged.v1"] = "frontdesk.alert.acknowledged.v1"


class CallbackRequestedData(EventData):
    """Somebody wants to be called."""

    origin: Origin
    number: PhoneNumber
    name: Annotated[str | None, Field(description="As they gave it")] = None
    about: Annotated[str | None, Field(description="In the patient's words")] = None

    def identity(self) -> tuple[str, str, str]:
        """One request per origin."""
        return "callback", self.origin, "requested"


class CallbackRequested(Event[CallbackRequestedData]):
    """A caller or texter asked to be called back."""

    bus_subject: ClassVar[str] = "events.callback.requested"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.callback.requested.v1"] = "frontdesk.callback.requested.v1"


class AppointmentRequestedData(EventData):
    """Somebody wants an appointment; nothing is booked by it."""

    origin: Origin
    number: PhoneNumber
    name: Annotated[str | None, Field(description="As they gave it")] = None
    wish: Annotated[str | None, Field(description="When and what for, in the patient's words")] = None

    def identity(self) -> tuple[str, str, str]:
        """One request per origin."""
        return "appointment", self.origin, "requested"


class AppointmentRequested(Event[AppointmentRequestedData]):
    """A caller or texter asked for an appointment."""

    bus_subject: ClassVar[str] = "events.appointment.requested"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.appointment.requested.v1"] = "frontdesk.appointment.requested.v1"
