"""Forms of the front desk: done, assigned, noted. After each the page is shown again (Post/Redirect/Get)."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import AfterValidator
from starlette.responses import RedirectResponse

from recorder.web.access.audit import Action
from recorder.web.access.identity import Identity
from recorder.web.access.redirecting import local
from recorder.web.desk import AtDesk, Desk, Writer
from recorder.web.pages.context import without_aside
from recorder.web.pages.errors import PageRoute
from recorder.web.pages.views import places
from recorder.web.reading.filters import Plain, readable
from recorder.web.reading.models import MarkKind

router = APIRouter(prefix="/desk", include_in_schema=False, route_class=PageRoute)

Kind = Annotated[MarkKind, Form()]
Key = Annotated[Plain, Form(min_length=1)]
Back = Annotated[str, Form()]
Yes = Annotated[bool, Form()]
Name = Annotated[Plain, Form(max_length=80)]
Words = Annotated[str, Form(max_length=4000), AfterValidator(readable)]


@router.post("/done")
async def done(desk: AtDesk, who: Writer, kind: Kind, key: Key, done: Yes, back: Back = "/") -> Response:
    """Dealt with, or not after all."""
    action: Action = "done" if done else "reopened"
    return await _do(desk, who, action, kind, key, back, desk.ask.mark_done(kind, key, done, who.name))


@router.post("/assign")
async def assign(
    desk: AtDesk,
    who: Writer,
    kind: Kind,
    key: Key,
    to: Name = "",
    mine: Yes = False,
    back: Back = "/",
) -> Response:
    """Say who looks after it."""
    whom = who.name if mine else to.strip()
    return await _do(desk, who, "assigned", kind, key, back, desk.ask.assign(kind, key, whom))


@router.post("/note")
async def note(desk: AtDesk, who: Writer, kind: Kind, key: Key, note: Words = "", back: Back = "/") -> Response:
    """Write something down; nothing but spaces is nothing."""
    if not note.strip():
        return RedirectResponse(local(back), 303)
    return await _do(desk, who, "noted", kind, key, back, desk.ask.add_note(kind, key, note.strip(), who.name))


async def _do(
    desk: Desk, who: Identity, action: Action, kind: MarkKind, key: str, back: str, doing: Awaitable[Any]
) -> Response:
    await asyncio.gather(doing, desk.audit.note(who, action, kind, key))
    page = without_aside(local(back))
    path, _, query = page.partition("?")
    said = places.with_query("", did=action, did_kind=kind, did_key=key)[1:]
    return RedirectResponse(f"{path}?{query + '&' if query else ''}{said}", 303)
