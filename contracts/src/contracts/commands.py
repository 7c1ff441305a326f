"""Commands: request and reply on core NATS, with a deadline. No answer in time is an answer the caller must handle."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from contracts.call import CallSid
from contracts.envelope import READER, ProviderName, Service
from contracts.values import Confidence, OpenCategory, PhoneNumber


class VoiceTurnRequest(BaseModel):
    """The gateway asks the responder what to say next to a caller."""

    model_config = READER
    bus_subject: ClassVar[str] = "commands.voice.turn"
    deadline_seconds: ClassVar[float] = 2.0
    asked_by: ClassVar[Service] = "gateway"
    answered_by: ClassVar[Service] = "responder"

    provider: ProviderName
    call_sid: CallSid
    turn: Annotated[int, Field(ge=0, description="0 is the greeting")]
    from_number: PhoneNumber
    to_number: PhoneNumber
    line: Annotated[Literal["front_desk", "receptionist"], Field(description="Which answer the number is set to")]
    heard: Annotated[str | None, Field(description="Speech as the provider understood it")] = None
    digits: Annotated[str | None, Field(description="Keys pressed")] = None
    confidence: Confidence = None


class VoiceTurnReply(BaseModel):
    """What to say, and what to do after it."""

    model_config = READER

    say: Annotated[str, Field(min_length=1, max_length=4096, description="What the caller hears")]
    then: Annotated[Literal["listen", "voicemail", "dial", "hang_up"], Field(description="What to do after it")]
    dial: Annotated[PhoneNumber | None, Field(description="Whom to ring, with `then: dial`")] = None
    language: Annotated[str, Field(description="BCP 47 tag to speak in")] = "en-US"
    category: OpenCategory | None = None
