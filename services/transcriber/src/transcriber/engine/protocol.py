"""What the service and its worker say to each other: one JSON object a line, over the worker's stdin and stdout."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.recording import TranscriptionFailure
from transcriber.transcript import Transcript


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class Job(_Message):
    """To the worker: transcribe this file. Answered by `Begun` and `Done`, or by `Unusable`, or by `Broken`."""

    recording: Path


class Ready(_Message):
    """The model is loaded; once, before anything else."""

    kind: Literal["ready"] = "ready"


class NoModel(_Message):
    """There is no model to load, and why; the worker ends."""

    kind: Literal["no_model"] = "no_model"
    detail: str


class Begun(_Message):
    """The file is decoded: there is so much to listen to."""

    kind: Literal["begun"] = "begun"
    audio_seconds: float
    channels: int


class Done(_Message):
    """The transcript."""

    kind: Literal["done"] = "done"
    transcript: Transcript


class Unusable(_Message):
    """The file is no audio that can be transcribed."""

    kind: Literal["unusable"] = "unusable"
    reason: TranscriptionFailure
    detail: str


class Broken(_Message):
    """Something failed that should not: the error's type and place, without its text. The worker ends."""

    kind: Literal["broken"] = "broken"
    detail: str


Answer = Ready | NoModel | Begun | Done | Unusable | Broken

ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="kind")])
