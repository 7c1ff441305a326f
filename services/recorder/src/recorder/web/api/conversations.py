"""Threads of texts."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from recorder.web.api.caching import Unchanged
from recorder.web.api.description import says
from recorder.web.api.parameters import Cursor, Limit
from recorder.web.desk import AtDesk, Reader
from recorder.web.problems import NotFound
from recorder.web.reading.filters import Plain
from recorder.web.reading.models import Conversation, Thread

router = APIRouter(prefix="/conversations", tags=["conversations"], dependencies=[Unchanged])


class Conversations(BaseModel):
    """A page of threads, the one with the newest text first."""

    conversations: tuple[Conversation, ...]
    next: str | None


@router.get("")
async def conversations(desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Conversations:
    """Threads, the one with the newest text first."""
    page = await desk.ask.conversations(cursor, limit)
    return Conversations(conversations=page.items, next=page.next)


@router.get("/{conversation_id:path}", responses={404: says("No such conversation")})
async def conversation(
    conversation_id: Annotated[Plain, Path()], desk: AtDesk, identity: Reader, limit: Limit = 50, cursor: Cursor = None
) -> Thread:
    """One thread, its texts newest first, with marks, notes and whether the patient may be texted."""
    found, _ = await asyncio.gather(
        desk.ask.thread(conversation_id, cursor, limit),
        desk.audit.note(identity, "looked", "conversation", conversation_id),
    )
    if found is None:
        raise NotFound("no such conversation")
    return found
