"""The pages that show something."""

import asyncio
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from recorder.web.api.parameters import Cursor, Provider, Sid
from recorder.web.pages.context import Context, InContext
from recorder.web.pages.errors import PageRoute
from recorder.web.pages.rendering import page
from recorder.web.pages.views import calls, conversations, places
from recorder.web.pages.views.today import today
from recorder.web.problems import NotFound

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_WAITING_DAYS = 14
"""How far back *Today* looks for what nobody dealt with."""
_THREADS = 30
_TEXTS = 50


@router.get("/")
async def show_today(at: InContext) -> Response:
    """What waits for a person."""
    waiting, staff = await asyncio.gather(
        at.desk.ask.today(at.clock.now - timedelta(days=_WAITING_DAYS)), at.desk.ask.staff()
    )
    view = today(waiting, at.clock)
    title = f"({view.count}) Today" if view.count else "Today"
    now = at.clock.moment(at.clock.now)
    date = now.full.rpartition(",")[0] if now else ""
    return page("today.html", at.frame(title, "/"), view=view, date=date, staff=staff, back=at.here, did=at.did)


@router.get("/conversations")
async def show_conversations(at: InContext, cursor: Cursor = None) -> Response:
    """All threads, the one with the newest text first."""
    found = await at.desk.ask.conversations(cursor, _THREADS)
    entries = [conversations.entry(row, at.clock) for row in found.items]
    summary = f"{entries[0].who.shown}: {entries[0].snippet}" if entries else "No texts yet"
    older = places.with_query("/conversations", cursor=found.next) if found.next else ""
    frame = at.frame("Conversations", "/conversations")
    return page("conversations.html", frame, entries=entries, summary=summary, older_url=older)


@router.get("/conversations/{conversation_id:path}")
async def show_thread(at: InContext, conversation_id: Sid, cursor: Cursor = None) -> Response:
    """One thread, as a messenger shows it."""
    found, others, staff = await asyncio.gather(
        at.desk.ask.thread(conversation_id, cursor, _TEXTS),
        at.desk.ask.conversations(None, _THREADS),
        at.desk.ask.staff(),
    )
    if found is None:
        raise NotFound("There is no such conversation.")
    await _looked(at, "conversation", conversation_id, opened=found.marks.opened_at is not None)
    view = conversations.thread(found, at.clock)
    here = places.conversation(conversation_id)
    return page(
        "thread.html", at.frame(view.who.shown, "/conversations"), view=view, staff=staff, here=here, did=at.did,
        entries=[conversations.entry(row, at.clock) for row in others.items],
        older_url=places.with_query(here, cursor=view.older) if view.older else "",
    )  # fmt: skip


@router.get("/calls/{provider}/{call_sid:path}")
async def show_call(at: InContext, provider: Provider, call_sid: Sid) -> Response:
    """One call: what happened, what was said."""
    found, staff = await asyncio.gather(at.desk.ask.call(provider, call_sid), at.desk.ask.staff())
    if found is None:
        raise NotFound("There is no such call.")
    await _looked(at, "call", found.key, opened=found.marks.opened_at is not None or not found.recordings)
    view = calls.call(found, at.clock)
    here = places.call(provider, call_sid)
    return page("call.html", at.frame(view.who.shown, "/calls"), view=view, staff=staff, here=here, did=at.did)


@router.get("/recordings/{provider}/{recording_sid:path}")
async def find_recording(at: InContext, provider: Provider, recording_sid: Sid) -> Response:
    """To the call of a recording."""
    found = await at.desk.ask.recording(provider, recording_sid)
    if found is None:
        raise NotFound("There is no such recording.")
    return RedirectResponse(places.call(provider, found.call_sid or f"recording:{recording_sid}"), 303)


async def _looked(at: Context, kind: Literal["call", "conversation"], key: str, *, opened: bool) -> None:
    """Keep that somebody saw this, and for the others that it was opened. A refresh is the same look."""
    await at.desk.audit.note_once(at.identity, "looked", kind, key)
    if not opened and at.identity.may_write and not at.fragment:
        await at.desk.ask.mark_opened(kind, key, at.identity.name)
