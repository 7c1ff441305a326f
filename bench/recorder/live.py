"""How soon an open page shows what happened, while the practice is very busy."""

import asyncio
import itertools
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import quantiles

import httpx

from bench.recorder.load import events
from chassis.bus import Bus
from contracts.sms import SmsReceived

RATE = 200
"""Events a second."""
_LASTING = 30
"""Seconds."""
_FIRST = 50_000_000
"""Numbers of the load's texts: beyond those of the history."""


@dataclass
class _Texts:
    """When texts were published, and when a page that was told of news could show them, by number."""

    published: dict[int, float] = field(default_factory=dict)
    told: dict[int, float] = field(default_factory=dict)
    shown: dict[int, float] = field(default_factory=dict)


async def measure(bus: Bus, client: httpx.AsyncClient) -> list[str]:
    """Lines of Markdown."""
    texts, before = _Texts(), os.getloadavg()[0]
    page = asyncio.create_task(_watch(client, texts))
    await _publish(bus, texts)
    deadline = time.monotonic() + 30
    while len(texts.shown) < len(texts.published):
        assert time.monotonic() < deadline, f"{len(texts.shown)} of {len(texts.published)} texts were shown"
        await asyncio.sleep(0.1)
    page.cancel()
    lines = [
        "## Live",
        "",
        f"{RATE} events a second for {_LASTING} s through NATS, {len(texts.published)} texts among them;",
        f"one page is open and asks for the newest text when it is told of news; load average before {before:.1f}.",
        "",
        "| from the publishing of a text until | p50 | p95 | at the most |",
        "|---|---|---|---|",
    ]
    for name, seen in (("the first byte of the news about it", texts.told), ("the page has it", texts.shown)):
        waited = [at - texts.published[number] for number, at in seen.items()]
        cuts = quantiles(waited, n=20)
        lines.append(f"| {name} | {cuts[9]:.2f} s | {cuts[18]:.2f} s | {max(waited):.2f} s |")
    return [*lines, ""]


async def _publish(bus: Bus, texts: _Texts) -> None:
    started = time.monotonic()
    load = events(first=_FIRST, start=datetime.now(UTC))
    for count, event in enumerate(itertools.islice(load, RATE * _LASTING)):
        await asyncio.sleep(max(0.0, started + count / RATE - time.monotonic()))
        if isinstance(event, SmsReceived):
            texts.published[_number(event.data.message_sid)] = time.monotonic()
        await bus.client.publish(event.bus_subject, event.to_json())


async def _watch(client: httpx.AsyncClient, texts: _Texts) -> None:
    """An open page: `event: version` makes it ask."""
    async with client.stream("GET", "/live", timeout=None) as line:
        async for said in line.aiter_lines():
            if said != "event: version":
                continue
            told = time.monotonic()
            answer = (await client.get("/api/messages", params={"limit": 1, "direction": "inbound"})).json()
            newest, shown = _number(answer["messages"][0]["message_sid"]), time.monotonic()
            for number in [each for each in texts.published if each <= newest and each not in texts.shown]:
                texts.told[number], texts.shown[number] = max(told, texts.published[number]), shown


def _number(sid: str) -> int:
    return int(sid[2:])
