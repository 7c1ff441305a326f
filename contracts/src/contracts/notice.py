"""Events about texts the practice sends of its own accord: to the people on call, or after a missed call."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.envelope import AccountSid, Event, EventData, Service
from contracts.sms import MessageSid, OpenSuppressionReason
from contracts.values import Language, OpenTo, PhoneNumber, Word


class NoticePurpose(StrEnum):
    """Why a text is sent that answers no text."""

    ALERT = "alert"
    """Tells somebody on call that staff must look."""
    MISSED_CALL = "missed_call"
    """Tells a caller whom nobody answered how to go on."""


Purpose = Annotated[
    NoticePurpose | Word, Field(union_mode="left_to_right"), OpenTo(NoticePurpose, "Why it is sent of our own accord")
]
Cause = Annotated[
    str,
    Field(
        min_length=1,
        max_length=256,
        description="What it is about: the id of the alert.raised event, or the call_sid of the missed call",
    ),
]
Step = Annotated[int, Field(ge=1, description="1 for the first notice about this cause to this number, 2 for the next")]


class NoticeSentData(EventData):
    """A text of our own accord that a provider accepted."""

    message_sid: MessageSid
    account_sid: AccountSid = None
    purpose: Purpose
    cause: Cause
    step: Step = 1
    from_number: Annotated[PhoneNumber, Field(description="The practice's number")]
    to_number: Annotated[PhoneNumber, Field(description="Who was told")]
    message: Annotated[str, Field(max_length=20_000, description="The words that were sent")]
    status: Annotated[str, Field(description="What the provider answered, e.g. `queued`", examples=["queued"])]
    language: Language = None

    def identity(self) -> tuple[str, str, str]:
        """One acceptance per message."""
        return "sms", self.message_sid, "notice_sent"


class NoticeSent(Event[NoticeSentData]):
    """A text of the practice's own accord was accepted by a provider."""

    bus_subject: ClassVar[str] = "events.notice.sent"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.notice.sent.v1"] = "frontdesk.notice.sent.v1"


class NoticeWithheldData(EventData):
    """A text of our own accord that was not sent, or may not have been."""

    purpose: Purpose
    cause: Cause
    step: Step = 1
    from_number: Annotated[PhoneNumber | None, Field(description="The practice's number, when one was chosen")] = None
    to_number: Annotated[PhoneNumber, Field(description="Who would have been told")]
    reason: OpenSuppressionReason
    error_code: Annotated[str | None, Field(description="The provider's code when it refused")] = None

    def identity(self) -> tuple[str, str, str]:
        """One withholding per cause, recipient and step."""
        return "notice", f"{self.cause}:{self.to_number}:{self.step}", "withheld"


class NoticeWithheld(Event[NoticeWithheldData]):
    """A text of the practice's own accord was withheld, with the reason."""

    bus_subject: ClassVar[str] = "events.notice.withheld"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.notice.withheld.v1"] = "frontdesk.notice.withheld.v1"
