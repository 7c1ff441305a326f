"""The pages in which something is looked for: the list of calls, search, analytics."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from pydantic import ValidationError

from recorder.web.api.parameters import Cursor
from recorder.web.pages.context import Context, InContext
from recorder.web.pages.errors import PageRoute
from recorder.web.pages.rendering import page
from recorder.web.pages.views import calls, places, search, words
from recorder.web.pages.views.analytics import analytics
from recorder.web.pages.views.periods import PERIODS, first_day, period_named
from recorder.web.reading.filters import CallFilter
from recorder.web.reading.models import Call, Found
from recorder.web.reading.paging import Page

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_CALLS = 50
_HITS = 30
_NUMBERS = 20
CALL_PERIODS = {"all": "Any time", "today": "Today", "week": "7 days", "month": "30 days", "year": "12 months"}
_DAYS = {"today": 1, "week": 7, "month": 30, "year": 365}
KINDS = {"": "Texts and calls", "message": "Texts", "transcript": "Calls"}


@router.get("/calls")
async def show_calls(
    at: InContext, period: str = "all", outcome: str = "", number: str = "", cursor: Cursor = None
) -> Response:
    """Calls, newest first, narrowed by period, outcome and number."""
    chosen = {"period": period, "outcome": outcome, "number": number.strip()}
    problem, found = "", Page[Call](items=())
    try:
        found = await at.desk.ask.calls(_filter(at, chosen), cursor, _CALLS)
    except ValidationError:
        problem = "This is not a phone number." if chosen["number"] else "There is no such outcome."
    entries = [calls.entry(row, at.clock) for row in found.items]
    return page(
        "calls.html", at.frame("Calls", "/calls"), entries=entries, chosen=chosen, problem=problem,
        outcomes=words.OUTCOMES, periods=CALL_PERIODS.items(),
        summary=f"Newest call: {entries[0].who.shown}, {entries[0].outcome}" if entries else "No calls",
        older_url=places.with_query("/calls", **chosen, cursor=found.next) if found.next else "",
    )  # fmt: skip


def _filter(at: Context, chosen: dict[str, str]) -> CallFilter:
    days = _DAYS.get(chosen["period"])
    since = at.clock.start_of(at.clock.today - timedelta(days=days - 1)) if days else None
    asked: dict[str, Any] = {"outcome": chosen["outcome"], "number": chosen["number"]}
    return CallFilter(since=since, **{name: value for name, value in asked.items() if value})


@router.get("/search")
async def show_search(at: InContext, q: str = "", kind: str = "", cursor: Cursor = None) -> Response:
    """Texts and transcripts with words, and threads with a number."""
    asked = "".join(letter for letter in q if letter.isprintable()).strip()[:200]
    kind = kind if kind in KINDS else ""
    hits: list[search.Hit] = []
    older = ""
    if asked:
        found, hits = await _found(at, asked, kind, cursor)
        older = places.with_query("/search", q=asked, kind=kind, cursor=found.next) if found.next else ""
    more = " so far" if older else ""
    summary = f"{words.count(len(hits), 'result')}{more} for “{asked}”" if asked else ""
    return page(
        "search.html", at.frame(f"{asked} – Search" if asked else "Search", "/search"), asked=asked, kind=kind,
        kinds=KINDS, hits=hits, summary=summary, older_url=older,
    )  # fmt: skip


async def _found(at: Context, asked: str, kind: str, cursor: str | None) -> tuple[Page[Found], list[search.Hit]]:
    digits = search.number_in(asked)
    found, threads, _ = await asyncio.gather(
        at.desk.ask.search(asked, cursor, _HITS),
        at.desk.ask.search_numbers(digits or "", _NUMBERS if digits and not cursor else 0),
        at.desk.audit.note_once(at.identity, "searched", "search", ""),
    )
    numbers = [search.number_hit(row, at.clock) for row in threads]
    return found, numbers + [search.hit(row, asked, at.clock) for row in found.items if kind in ("", row.kind)]


@router.get("/analytics")
async def show_analytics(at: InContext, period: str = "month") -> Response:
    """Numbers and charts of a period."""
    chosen = period_named(period)
    since = at.clock.start_of(first_day(chosen, at.clock.today))
    numbers = await at.desk.ask.analytics(since, at.clock.now, chosen.granularity, at.clock.zone.key)
    view = analytics(numbers, chosen, at.clock)
    return page("analytics.html", at.frame("Analytics", "/analytics"), view=view, periods=PERIODS)
