"""What a caller is going to do."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]


class Input(BaseModel):
    """What the caller does when asked: speaks, presses keys, or hangs up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speech: str | None = None
    confidence: float = Field(0.91, ge=0, le=1)
    digits: Annotated[str, StringConstraints(pattern=r"^[0-9*#]+$")] | None = None
    hangup: bool = False

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.speech is not None) + (self.digits is not None) + self.hangup != 1:
            raise ValueError("give exactly one of speech, digits and hangup; null for no input at all")
        return self


class CallScript(BaseModel):
    """A call from beginning to end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_number: str = Field(min_length=1, description="E.164, or what Twilio gives for withheld numbers")
    to_number: str | None = Field(None, description="TWILIO_PHONE_NUMBER when unset")
    path: str = Field("/voice/incoming", pattern="^/", description="Voice URL of the number called")
    status_path: str = Field("/webhooks/twilio/voice/status", pattern="^/", description="Its status callback URL")
    recording: str | None = Field(
        None, description="What the caller says to <Record>: a recording's name; null: nothing"
    )
    recording_ends_by: Literal["hangup", "silence"] | Key = Field("hangup", description="How, or with which key")
    inputs: tuple[Input | None, ...] = Field((), description="One for each <Gather>, then silence")
    dial_outcome: Literal["no-answer", "busy", "failed", "canceled", "completed"] = "no-answer"
    progress_events: bool = Field(
        False, description="initiated, ringing, in-progress and completed, not only completed"
    )
