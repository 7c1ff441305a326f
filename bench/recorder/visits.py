"""Every page and every call of the API, end to end: over HTTP, through the service, signed in."""

import os
import time
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from urllib.parse import quote

import httpx
import psycopg

_ASKED = 40
_AN_ID = {
    "{thread}": "select conversation_id from conversations order by last_at desc limit 1",
    "{call}": "select provider || '/' || call_sid from phone_calls where recording_sid is not null"
    " order by started_at desc limit 1",
    "{number}": "select patient from conversations order by last_at desc limit 1",
}

_READ = (
    "/", "/conversations", "/conversations/{thread}", "/calls", "/calls?outcome=missed", "/calls?number={number}",
    "/calls/{call}", "/analytics?period=today", "/analytics?period=month", "/analytics?period=year",
    "/search?q=crown", "/search?q=appointment", "/search?q=xylophone", "/search?q={number}",
    "/api/today", "/api/calls", "/api/calls?limit=500", "/api/calls?outcome=missed", "/api/calls?number={number}",
    "/api/calls/{call}", "/api/messages", "/api/messages?category=emergency", "/api/messages?conversation={thread}",
    "/api/conversations", "/api/conversations/{thread}", "/api/search?q=crown", "/api/search?q=appointment",
    "/api/search?q=xylophone", "/api/search?q={number}", "/api/analytics", "/api/analytics?granularity=hour",
    "/api/analytics?granularity=day&since={a_year_ago}&zone=America/New_York",
    "/api/analytics?granularity=day&since={a_year_ago}&zone=UTC",
    "/api/analytics?granularity=week&since={a_year_ago}&zone=America/New_York",
    "/api/analytics?granularity=month&since={two_years_ago}&zone=America/New_York", "/api/session", "/api/openapi.json",
)  # fmt: skip
_DONE: tuple[tuple[str, dict[str, object]], ...] = (
    ("/api/marks/conversation/{thread}/opened", {}),
    ("/api/marks/conversation/{thread}/done", {"done": True}),
    ("/api/marks/conversation/{thread}/assigned", {"to": "Ana"}),
    ("/api/marks/conversation/{thread}/notes", {"note": "Call back on Monday"}),
)


async def measure(client: httpx.AsyncClient, database_url: str) -> list[str]:
    """Lines of Markdown. Leaves marks and notes on one conversation."""
    ids = _ids(database_url)
    lines = [
        "## Pages and API, end to end",
        "",
        f"Over HTTP through the service, one request after the other, {_ASKED} of each, after one that is not counted;",
        f"load average before {os.getloadavg()[0]:.1f}. The audio comes from the provider and is not measured here.",
        "",
        "| request | p50 | p95 |",
        "|---|---|---|",
    ]
    csrf = {"X-CSRF-Token": (await client.get("/api/session")).json()["csrf"]}
    reads = [(path, client.build_request("GET", _filled(path, ids))) for path in _READ]
    writes = [
        (f"POST {path}", client.build_request("POST", _filled(path, ids), json=body, headers=csrf))
        for path, body in _DONE
    ]
    return [*lines, *[await _row(client, name, request) for name, request in (*reads, *writes)], ""]


def _ids(database_url: str) -> dict[str, str]:
    with psycopg.connect(database_url) as connection:
        found = {name: connection.execute(query.encode()).fetchone() for name, query in _AN_ID.items()}
    now = datetime.now(UTC).replace(microsecond=0)
    years = {"{a_year_ago}": now - timedelta(days=365), "{two_years_ago}": now - timedelta(days=730)}
    return {
        **{name: quote(row[0], safe="/") for name, row in found.items() if row},
        **{name: quote(at.isoformat()) for name, at in years.items()},
    }


def _filled(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        path = path.replace(name, value)
    return path


async def _row(client: httpx.AsyncClient, name: str, request: httpx.Request) -> str:
    times = [await _seconds(client, request) for _ in range(_ASKED + 1)]
    cuts = quantiles(times[1:], n=20)
    return f"| `{name}` | {cuts[9] * 1000:.1f} ms | {cuts[18] * 1000:.1f} ms |"


async def _seconds(client: httpx.AsyncClient, request: httpx.Request) -> float:
    started = time.perf_counter()
    response = await client.send(request)
    took = time.perf_counter() - started
    assert response.is_success, (str(request.url), response.status_code)
    return took
