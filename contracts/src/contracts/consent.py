"""Events about permission to text a number."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.envelope import Event, EventData, Service
from contracts.sms import MessageSid
from contracts.values import OpenTo, PhoneNumber, Word


class ConsentState(StrEnum):
    """Whether a number may be texted."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"


class ConsentSource(StrEnum):
    """How we know that a number opted out or in."""

    WORD = "word"
    """A text that is nothing but a word such as STOP."""
    SENTENCE = "sentence"
    """A text that says so in its own words."""
    PROVIDER = "provider"
    """The provider told us, beside a text or by refusing one of ours."""


class ConsentChangedData(EventData):
    """A number asked for no more texts, or for texts again; it counts for every provider."""

    number: PhoneNumber
    state: ConsentState
    message_sid: Annotated[MessageSid, Field(description="The text that said so, or that a provider refused for it")]
    learned_from: Annotated[
        ConsentSource | Word | None,
        Field(union_mode="left_to_right"),
        OpenTo(ConsentSource, "How we know"),
    ] = None

    def identity(self) -> tuple[str, str, str]:
        """One change per text."""
        return "consent", self.message_sid, self.state


class ConsentChanged(Event[ConsentChangedData]):
    """A number opted out or in."""

    bus_subject: ClassVar[str] = "events.consent.changed"
    published_by: ClassVar[Service] = "responder"
    type: Literal["frontdesk.consent.changed.v1"] = "frontdesk.consent.changed.v1"
