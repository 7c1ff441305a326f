"""Commands: request and reply on core NATS, with a deadline. No answer in time is an answer the caller must handle."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from contracts.call import CallSid
from contracts.envelope import READER, ProviderName
from contracts.values import OpenCategory, PhoneNumber


class VoiceTurnRequest(BaseModel):
    """The gateway asks the responder what to say next to a caller."""

    model_config = READER
    bus_subject: ClassVar[str] = "commands.voice.turn"
    deadline_seconds: ClassVar[float] = 2.0

    provider: ProviderName
    call_sid: CallSid
    turn: Annotated[int, Field(ge=0)]
    from_number: PhoneNumber
    to_number: PhoneNumber
    line: Literal["front_desk", "receptionist"]
    heard: Annotated[str | None, Field(description="Speech as the provider understood it")] = None
    digits: Annotated[str | None, Field(description="Keys pressed")] = None
    confidence: Annotated[float | None, Field(ge=0, le=1)] = None


class VoiceTurnReply(BaseModel):
    """What to say, and what to do after it."""

    model_config = READER

    say: Annotated[str, Field(min_length=1, max_length=4096)]
    then: Literal["listen", "voicemail", "dial", "hang_up"]
    dial: Annotated[PhoneNumber | None, Field(description="Whom to ring, with `then: dial`")] = None
    language: str = "en-US"
    category: OpenCategory | None = None
