"""What is to be done, what was said, and how much of it there was."""

import asyncio
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from recorder.web.api.caching import Unchanged
from recorder.web.api.parameters import Cursor, Limit
from recorder.web.desk import AtDesk, Reader
from recorder.web.reading.analytics import Analytics
from recorder.web.reading.filters import Plain
from recorder.web.reading.models import Conversation, Found, Today
from recorder.web.reading.questions import LONGEST, Granularity

router = APIRouter(tags=["overview"], dependencies=[Unchanged])

_NUMBERS = 20


_zones = cache(available_timezones)  # it looks through a folder of files


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is not a time zone of the IANA database")
    return name


Zone = Annotated[str, Query(max_length=64, description="IANA time zone of days and hours"), AfterValidator(_zone)]

_LONGEST = "The longest range: " + ", ".join(f"{name} {longest.days:,} days" for name, longest in LONGEST.items())


class Hits(BaseModel):
    """What was found."""

    found: tuple[Found, ...] = Field(description="Texts and transcripts, newest first")
    conversations: tuple[Conversation, ...] = Field(description="Threads with a number that has the digits of `q`")
    next: str | None


@router.get("/today")
async def today(desk: AtDesk, days: Annotated[int, Query(ge=1, le=366, description="How far back")] = 14) -> Today:
    """What waits for somebody: alerts, missed calls and voicemails, requests, texts to read."""
    return await desk.ask.today(desk.now() - timedelta(days=days))


@router.get("/search")
async def search(
    q: Annotated[Plain, Query(min_length=1, max_length=200, description="Words; quotes, -word and OR")],
    desk: AtDesk,
    identity: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Hits:
    """Search texts and transcripts, English and Spanish, and the numbers of patients."""
    page, conversations, _ = await asyncio.gather(
        desk.ask.search(q, cursor, limit),
        desk.ask.search_numbers(q, 0 if cursor else _NUMBERS),
        desk.audit.note(identity, "searched", "search", ""),
    )
    return Hits(found=page.items, conversations=conversations, next=page.next)


@router.get("/analytics")
async def analytics(
    desk: AtDesk,
    since: Annotated[AwareDatetime | None, Query(description="30 days before `until` when not given")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Now when not given")] = None,
    granularity: Annotated[Granularity, Query(description=_LONGEST)] = "day",
    zone: Zone = "UTC",
) -> Analytics:
    """Counts for charts, over a range."""
    end: datetime = until or desk.now()
    return await desk.ask.analytics(since or end - timedelta(days=30), end, granularity, zone)
