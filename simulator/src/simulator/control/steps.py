"""What a provider can be asked to do: bodies of the control API, alone or as steps of a batch."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from simulator.delivery import Delivery
from simulator.twilio.script import CallScript
from simulator.voipms.webhooks import TEMPLATE

Number = Annotated[str, Field(min_length=1, max_length=64, description="E.164; short codes and others as they come")]
Path = Annotated[str, StringConstraints(pattern=r"^/")]


def _http_url(value: str) -> str:
    if urlsplit(value).scheme not in {"http", "https"}:
        raise ValueError("must be an http or https URL")
    return value


MediaUrls = Annotated[tuple[Annotated[str, AfterValidator(_http_url)], ...], Field(max_length=10)]


class Body(BaseModel):
    """Unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TwilioText(Body):
    """A patient texts the Twilio number."""

    do: Literal["twilio.text"] = "twilio.text"
    from_number: Number
    message: str = Field(max_length=1600)
    to_number: Number | None = None
    media_urls: MediaUrls = ()
    opt_out_type: Literal["STOP", "START", "HELP"] | None = Field(None, description="Advanced Opt-Out took it as this")


class TwilioCall(CallScript):
    """A patient calls the Twilio number."""

    do: Literal["twilio.call"] = "twilio.call"


class TwilioRecording(Body):
    """A recording of a call becomes ready: for what `<Record>` does not make, such as two channels."""

    do: Literal["twilio.recording"] = "twilio.recording"
    recording: str = Field(description="Its name in the library")
    call_sid: str | None = Field(None, pattern="^CA[0-9a-f]{32}$", description="A new one when unset")
    source: str = Field("StartCallRecordingTwiML", description="RecordingSource")


class VoipMsText(Body):
    """A patient texts the VoIP.ms number."""

    do: Literal["voipms.text"] = "voipms.text"
    from_number: Number
    message: str = Field(max_length=2048)
    to_number: Number | None = None
    form: Literal["template", "json", "webhook"] = "template"
    media_urls: MediaUrls = ()
    retry: bool = Field(True, description="URL Callback Retry: wait for `ok`")
    template: Path = Field(TEMPLATE, description="SMS URL Callback, for `template`")


class VoipMsCdr(Body):
    """A call to the VoIP.ms number has ended."""

    do: Literal["voipms.cdr"] = "voipms.cdr"
    from_number: Number
    to_number: Number | None = None
    disposition: str = "answered"
    seconds: int = Field(83, ge=0, le=86_400)
    total: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")] = "0.0150"
    description: str = "Incoming call"
    callid: str | None = Field(None, description="A new one when unset")
    uniqueid: str | None = Field(None, description="A new one when unset")


class VoipMsRecording(Body):
    """The recording of a call to the VoIP.ms number is ready."""

    do: Literal["voipms.recording"] = "voipms.recording"
    recording: str = Field(description="Its name in the library")
    call_id: str | None = Field(None, description="`uniqueid` of its CDR")
    from_number: Number = "+12125550123"
    to_number: Number | None = None


class RawWebhook(Body):
    """Any request, signed like Twilio, not at all, or wrongly."""

    do: Literal["webhook"] = "webhook"
    method: Literal["GET", "POST", "PUT", "DELETE", "HEAD"] = "POST"
    path: Path
    headers: dict[str, str] = {}
    body: str = ""
    sign: bool | Literal["wrong"] = True
    signed_url: str | None = Field(None, description="Sign this URL instead of the one that is requested")


Step = Annotated[
    TwilioText | TwilioCall | TwilioRecording | VoipMsText | VoipMsCdr | VoipMsRecording | RawWebhook,
    Field(discriminator="do"),
]


class Batch(Body):
    """A whole day: every step is done, and the webhooks are collected first and delivered afterwards."""

    steps: tuple[Step, ...] = Field(min_length=1, max_length=5000)
    shuffle_seed: int | None = None
    repeat: int = Field(1, ge=1, le=100)
    delay_seconds: float = Field(0, ge=0, le=60)
    concurrency: int = Field(1, ge=1, le=64)

    @model_validator(mode="before")
    @classmethod
    def _steps_say_what_they_do(cls, values: object) -> object:
        steps = values.get("steps") if isinstance(values, dict) else None
        if isinstance(steps, list) and not all(isinstance(step, dict) and "do" in step for step in steps):
            raise ValueError('every step needs "do", such as "twilio.text"')
        return values

    def plan(self) -> Delivery:
        """How the collected webhooks are delivered."""
        return Delivery(
            repeat=self.repeat,
            shuffle_seed=self.shuffle_seed,
            delay_seconds=self.delay_seconds,
            concurrency=self.concurrency,
        )


class Alone(Body):
    """A single step may have a delivery plan of its own."""

    delivery: Delivery | None = None

    @classmethod
    def split(cls, body: object) -> tuple[Self, object]:
        """The plan, and what is left for the step."""
        if not isinstance(body, dict):
            return cls(), body
        rest = {name: value for name, value in body.items() if name != "delivery"}
        return cls(delivery=body.get("delivery")), rest


class Lists(Body):
    """How the providers' lists of texts behave."""

    listed_after_seconds: float = Field(0, ge=0, le=600, description="Until then a text of ours is missing from them")
