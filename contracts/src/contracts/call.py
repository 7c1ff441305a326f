"""Events about phone calls."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import AccountSid, Event, EventData, Service
from contracts.values import Confidence, Direction, Metadata, OpenCategory, PhoneNumber, Seconds

CallSid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="The provider's id of the call: Twilio's CallSid; VoIP.ms' CDR `uniqueid`, or `callid` without one",
    ),
]

CallStatus = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="Twilio's words for every provider; unknown words are carried along",
        examples=["completed"],
    ),
]

StartedAt = Annotated[AwareDatetime | None, Field(description="When it began, as far as known")]
EndedAt = Annotated[AwareDatetime | None, Field(description="When it ended, as far as known")]

TERMINAL_CALL_STATUSES = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""A call that reached one of these is over."""


class CallReceivedData(EventData):
    """A call that is being answered now."""

    call_sid: CallSid
    account_sid: AccountSid = None
    direction: Direction = Direction.INBOUND
    status: CallStatus = "ringing"
    from_number: PhoneNumber
    to_number: PhoneNumber
    started_at: Annotated[AwareDatetime, Field(description="When it came in")]
    line: Annotated[Literal["front_desk", "receptionist"], Field(description="Which answer the number is set to")]
    metadata: Metadata

    def identity(self) -> tuple[str, str, str]:
        """One arrival per call."""
        return "call", self.call_sid, "received"


class CallReceived(Event[CallReceivedData]):
    """A voice call came in."""

    bus_subject: ClassVar[str] = "events.call.received"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.call.received.v1"] = "frontdesk.call.received.v1"


class CallStatusChangedData(EventData):
    """How far a call has come. Callbacks arrive in any order, repeated, or not at all."""

    call_sid: CallSid
    account_sid: AccountSid = None
    direction: Direction | None = None
    status: CallStatus
    from_number: PhoneNumber | None = None
    to_number: PhoneNumber | None = None
    started_at: StartedAt = None
    ended_at: EndedAt = None
    duration: Seconds = None
    recording_url: Annotated[str | None, Field(description="When the whole call was recorded")] = None
    metadata: Metadata

    def identity(self) -> tuple[str, str, str]:
        """One change per status."""
        return "call", self.call_sid, self.status


class CallStatusChanged(Event[CallStatusChangedData]):
    """A provider reported a call's status."""

    bus_subject: ClassVar[str] = "events.call.status_changed"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.call.status_changed.v1"] = "frontdesk.call.status_changed.v1"


class CallDetailRecordedData(EventData):
    """A CDR: what a call was, once it is over. `metadata` keeps the provider's own disposition and texts."""

    call_sid: CallSid
    account_sid: AccountSid = None
    direction: Direction | None = None
    status: CallStatus
    from_number: PhoneNumber | None = None
    to_number: PhoneNumber | None = None
    started_at: StartedAt = None
    ended_at: EndedAt = None
    duration: Seconds = None
    price: Annotated[str | None, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$", description="Decimal")] = None
    price_unit: Annotated[str | None, Field(description="ISO 4217", examples=["USD"])] = None
    metadata: Metadata

    def identity(self) -> tuple[str, str, str]:
        """One record per call, and one more whenever its result, duration or price has changed since."""
        return "call", self.call_sid, f"detail_recorded:{self.status}:{self.duration or ''}:{self.price or ''}"


class CallDetailRecorded(Event[CallDetailRecordedData]):
    """A call detail record arrived."""

    bus_subject: ClassVar[str] = "events.call.detail_recorded"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.call.detail_recorded.v1"] = "frontdesk.call.detail_recorded.v1"


class CallTurnTakenData(EventData):
    """One exchange between a caller and the receptionist."""

    call_sid: CallSid
    turn: Annotated[int, Field(ge=0, description="0 is the greeting")]
    heard: Annotated[str | None, Field(description="What the caller said or keyed")] = None
    said: Annotated[str, Field(description="What the receptionist answered")]
    category: OpenCategory | None = None
    confidence: Confidence = None

    def identity(self) -> tuple[str, str, str]:
        """One event per turn."""
        return "call", self.call_sid, f"turn:{self.turn}"


class CallTurnTaken(Event[CallTurnTakenData]):
    """Caller and receptionist exchanged a sentence."""

    bus_subject: ClassVar[str] = "events.call.turn_taken"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.call.turn_taken.v1"] = "frontdesk.call.turn_taken.v1"
