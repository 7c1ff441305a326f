"""Calls and texts."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from recorder.web.api.caching import Unchanged
from recorder.web.api.description import says
from recorder.web.api.parameters import Cursor, Limit, Provider, Sid
from recorder.web.desk import AtDesk, Reader
from recorder.web.problems import NotFound
from recorder.web.reading.filters import CallFilter, MessageFilter
from recorder.web.reading.models import Call, CallDetail, Message

router = APIRouter(tags=["calls and texts"], dependencies=[Unchanged])


class Calls(BaseModel):
    """A page of calls, newest first."""

    calls: tuple[Call, ...]
    next: str | None


class Messages(BaseModel):
    """A page of texts, newest first."""

    messages: tuple[Message, ...]
    next: str | None


class CallQuery(CallFilter):
    """Which calls, and which page of them."""

    limit: Limit = 50
    cursor: Cursor = None


class MessageQuery(MessageFilter):
    """Which texts, and which page of them."""

    limit: Limit = 50
    cursor: Cursor = None


@router.get("/calls")
async def calls(asked: Annotated[CallQuery, Query()], desk: AtDesk) -> Calls:
    """Calls, newest first."""
    page = await desk.ask.calls(asked, asked.cursor, asked.limit)
    return Calls(calls=page.items, next=page.next)


@router.get("/calls/{provider}/{call_sid:path}", responses={404: says("No such call")})
async def call(provider: Provider, call_sid: Sid, desk: AtDesk, identity: Reader) -> CallDetail:
    """One call with its timeline, recordings, marks and notes."""
    found, _ = await asyncio.gather(
        desk.ask.call(provider, call_sid), desk.audit.note(identity, "looked", "call", f"{provider}/{call_sid}")
    )
    if found is None:
        raise NotFound("no such call")
    return found


@router.get("/messages")
async def messages(asked: Annotated[MessageQuery, Query()], desk: AtDesk) -> Messages:
    """Texts, newest first."""
    page = await desk.ask.messages(asked, asked.cursor, asked.limit)
    return Messages(messages=page.items, next=page.next)
