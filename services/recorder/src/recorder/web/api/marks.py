"""What the front desk does with what it sees: done, assigned, opened, noted."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from recorder.web.desk import AtDesk, Writer
from recorder.web.reading.filters import Plain, readable
from recorder.web.reading.models import MarkKind, Marks, Note

router = APIRouter(prefix="/marks", tags=["marks"])

Key = Annotated[
    Plain, Path(description="provider/call_sid of a call, conversation_id of a conversation, otherwise the id")
]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Done(_Said):
    """Dealt with, or not after all."""

    done: bool


class Assigned(_Said):
    """Who looks after it; nobody when empty."""

    to: Annotated[Plain, Field(max_length=80)]


class Written(_Said):
    """A note."""

    note: Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(readable)]


@router.post("/{kind}/{key:path}/done")
async def done(kind: MarkKind, key: Key, said: Done, desk: AtDesk, identity: Writer) -> Marks:
    """Say that a thing is done, or is not after all."""
    marks, _ = await asyncio.gather(
        desk.ask.mark_done(kind, key, said.done, identity.name),
        desk.audit.note(identity, "done" if said.done else "reopened", kind, key),
    )
    return marks


@router.post("/{kind}/{key:path}/assigned")
async def assigned(kind: MarkKind, key: Key, said: Assigned, desk: AtDesk, identity: Writer) -> Marks:
    """Say who looks after it."""
    marks, _ = await asyncio.gather(
        desk.ask.assign(kind, key, said.to), desk.audit.note(identity, "assigned", kind, key)
    )
    return marks


@router.post("/{kind}/{key:path}/opened")
async def opened(kind: MarkKind, key: Key, desk: AtDesk, identity: Writer) -> Marks:
    """Say that the voicemail was played or the thread read; who did first stays."""
    marks, _ = await asyncio.gather(
        desk.ask.mark_opened(kind, key, identity.name), desk.audit.note(identity, "opened", kind, key)
    )
    return marks


@router.post("/{kind}/{key:path}/notes", status_code=201)
async def noted(kind: MarkKind, key: Key, said: Written, desk: AtDesk, identity: Writer) -> Note:
    """Write something down."""
    note, _ = await asyncio.gather(
        desk.ask.add_note(kind, key, said.note, identity.name), desk.audit.note(identity, "noted", kind, key)
    )
    return note
