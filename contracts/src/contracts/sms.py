"""Events about text messages."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import AccountSid, Event, EventData, Service
from contracts.values import Confidence, Language, Media, Metadata, OpenCategory, OpenTo, PhoneNumber, Word

MessageSid = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="The provider's id of the message. VoIP.ms numbers SMS and MMS apart: an MMS id is prefixed `mms-`",
    ),
]


UnderstoodBy = Annotated[
    str | None, Field(max_length=128, description="Which rule or model decided", examples=["keyword:toothache"])
]
NeedsStaff = Annotated[bool, Field(description="The automatic answer is not enough: a person should read the text")]
ReplyProvider = Annotated[str, Field(description="Provider of the text that is answered")]


class SmsReceivedData(EventData):
    """A patient's text, as the provider delivered it."""

    message_sid: MessageSid
    account_sid: AccountSid = None
    from_number: PhoneNumber
    to_number: PhoneNumber
    message: Annotated[str, Field(max_length=20_000, description="The words; empty for a picture without any")]
    media: Annotated[tuple[Media, ...], Field(description="Pictures and other files that came with it")] = ()
    opt_out_type: Annotated[str | None, Field(description="Twilio Advanced Opt-Out: STOP, START or HELP")] = None
    metadata: Metadata

    def identity(self) -> tuple[str, str, str]:
        """One arrival per message."""
        return "sms", self.message_sid, "received"


class SmsReceived(Event[SmsReceivedData]):
    """A patient's text or picture message arrived."""

    bus_subject: ClassVar[str] = "events.sms.received"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.sms.received.v1"] = "frontdesk.sms.received.v1"


class SmsStatusChangedData(EventData):
    """A delivery report for a text we sent. `status` is the provider's word; unknown words are carried along."""

    message_sid: MessageSid
    account_sid: AccountSid = None
    status: Annotated[
        str, Field(min_length=1, max_length=64, description="The provider's word", examples=["delivered"])
    ]
    from_number: PhoneNumber | None = None
    to_number: PhoneNumber | None = None
    error_code: Annotated[str | None, Field(description="The provider's, when it failed", examples=["30007"])] = None
    error_message: Annotated[str | None, Field(description="The provider's words about it; not stable")] = None
    metadata: Metadata

    def identity(self) -> tuple[str, str, str]:
        """One report per status and error code."""
        return "sms", self.message_sid, f"{self.status}:{self.error_code or ''}"


class SmsStatusChanged(Event[SmsStatusChangedData]):
    """A provider reported how far a text we sent has come."""

    bus_subject: ClassVar[str] = "events.sms.status_changed"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.sms.status_changed.v1"] = "frontdesk.sms.status_changed.v1"


class SmsSentData(EventData):
    """An automatic reply that a provider accepted."""

    message_sid: MessageSid
    account_sid: AccountSid = None
    from_number: Annotated[PhoneNumber, Field(description="The practice's number")]
    to_number: Annotated[PhoneNumber, Field(description="The patient's number")]
    message: Annotated[str, Field(max_length=20_000, description="The words that were sent")]
    status: Annotated[str, Field(description="What the provider answered, e.g. `queued`", examples=["queued"])]
    category: OpenCategory
    in_reply_to: Annotated[MessageSid, Field(description="message_sid of the patient's text")]
    in_reply_to_provider: ReplyProvider
    in_reply_to_event: Annotated[UUID, Field(description="id of its events.sms.received")]
    understood_by: UnderstoodBy = None
    confidence: Confidence = None
    language: Language = None
    needs_staff: NeedsStaff = False

    def identity(self) -> tuple[str, str, str]:
        """One acceptance per message."""
        return "sms", self.message_sid, "sent"


class SmsSent(Event[SmsSentData]):
    """An automatic reply was accepted by a provider."""

    bus_subject: ClassVar[str] = "events.sms.sent"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.sms.sent.v1"] = "frontdesk.sms.sent.v1"


class SuppressionReason(StrEnum):
    """Why a patient's text got no automatic reply."""

    OPTED_OUT = "opted_out"
    """The number asked for no more texts."""
    PROVIDER_ANSWERS = "provider_answers"
    """The provider itself answers this word (Twilio: STOP, START, HELP)."""
    ALREADY_CONFIRMED = "already_confirmed"
    """The opt-out or opt-in was confirmed before."""
    NOT_A_PHONE = "not_a_phone"
    """Short code, withheld or alphanumeric sender: nobody to answer."""
    OWN_NUMBER = "own_number"
    """The text came from one of the practice's own numbers."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """A send may or may not have happened; staff must look, nothing is sent again."""
    REJECTED = "rejected"
    """The provider refused the reply for good (see error_code)."""
    NO_SENDER = "no_sender"
    """No credentials for the provider whose number was texted."""
    TOO_OLD = "too_old"
    """The text waited so long that an automatic answer would confuse."""
    AUTO_REPLY = "auto_reply"
    """A machine wrote it: an out-of-office answer, a delivery notice."""
    COOLDOWN = "cooldown"
    """This number got the same answer a short while ago."""
    SENDER_BUDGET = "sender_budget"
    """This number got as many automatic texts as it may get in a while."""
    DAILY_CAP = "daily_cap"
    """The practice sent as many automatic texts as it allows itself in a day."""
    SWITCHED_OFF = "switched_off"
    """The practice does not want this kind of text sent."""
    QUIET_HOURS = "quiet_hours"
    """Nobody is texted of our own accord at this hour."""
    LANDLINE = "landline"
    """The number cannot take texts, as a provider said before."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody on call looks after it already."""
    REACHED = "reached"
    """The caller got through or wrote to us in the meantime."""


OpenSuppressionReason = Annotated[
    SuppressionReason | Word,
    Field(union_mode="left_to_right"),
    OpenTo(SuppressionReason, "Why nothing was sent"),
]


class SmsSuppressedData(EventData):
    """A reply that was withheld."""

    from_number: Annotated[PhoneNumber, Field(description="The practice's number that would have answered")]
    to_number: Annotated[PhoneNumber, Field(description="The patient's number")]
    category: OpenCategory
    reason: OpenSuppressionReason
    error_code: Annotated[str | None, Field(description="The provider's code when it refused")] = None
    in_reply_to: MessageSid
    in_reply_to_provider: ReplyProvider
    in_reply_to_event: Annotated[UUID, Field(description="id of its events.sms.received")]
    understood_by: UnderstoodBy = None
    confidence: Confidence = None
    language: Language = None
    needs_staff: NeedsStaff = False

    def identity(self) -> tuple[str, str, str]:
        """One withheld reply per text; what kind of silence is in `reason`."""
        return "sms", self.in_reply_to, "suppressed"


class SmsSuppressed(Event[SmsSuppressedData]):
    """A reply was withheld, with the reason."""

    bus_subject: ClassVar[str] = "events.sms.suppressed"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.sms.suppressed.v1"] = "frontdesk.sms.suppressed.v1"
