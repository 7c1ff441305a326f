"""How many events a second one recorder process takes off the bus into Postgres, and how much memory it needs."""

import asyncio
import contextlib
import itertools
import os
import time
from pathlib import Path

from bench.recorder.load import events
from bench.recorder.process import recorder
from chassis.bus import Bus
from contracts.topology import EVENTS, RECORDER
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats
from ops.embedded.postgres import EmbeddedPostgres
from recorder.migrate import migrate
from support.postgrest import postgrest
from support.recorder import serving

_KEY = "key-of-the-bench"
_READY = 60.0
"""Seconds the process may take to start."""


async def measure(folder: Path, number: int) -> list[str]:
    """Both ways to the database, as lines of Markdown."""
    lines = [
        "## Ingest",
        "",
        f"{number:,} events of a busy practice wait in the stream; one recorder process takes them.",
        f"NATS, Postgres (fsync on) and the recorder share {os.cpu_count()} cores, which others use as well:",
        f"load average before {os.getloadavg()[0]:.1f}.",
        "",
        "| way to the database | events/s | recorder's memory at the most |",
        "|---|---|---|",
    ]
    for way in ("direct", "PostgREST's protocol (stand-in)"):
        place = folder / way.split()[0].strip("'")
        place.mkdir(mode=0o755)
        rate, memory = await _one_way(place, way, number)
        lines.append(f"| {way} | {rate:,.0f} | {memory:.0f} MB |")
    return [*lines, ""]


async def _one_way(folder: Path, way: str, number: int) -> tuple[float, float]:
    (folder / "nats").mkdir()
    nats = EmbeddedNats(folder / "nats").start()
    postgres = EmbeddedPostgres(folder / "postgres").start()
    bus = Bus("operator", nats.url())
    try:
        migrate(postgres.url)
        await apply(nats.url())
        await bus.connect()
        await _publish(bus, number)
        async with contextlib.AsyncExitStack() as stack:
            if way == "direct":
                database = {"DATABASE_URL": postgres.url}
            else:
                url = await stack.enter_async_context(serving(postgrest(postgres.url, _KEY)))
                database = {"SUPABASE_URL": url, "SUPABASE_SERVICE_ROLE_KEY": _KEY}
            process = await stack.enter_async_context(recorder(nats.url("recorder"), database))
            return await _until_done(bus, number), process.peak_memory()
    finally:
        await bus.close()
        nats.stop()
        postgres.stop()


async def _publish(bus: Bus, number: int) -> None:
    for count, event in enumerate(itertools.islice(events(), number), 1):
        await bus.client.publish(event.bus_subject, event.to_json())
        if count % 1000 == 0:
            await bus.client.flush()
    while (await bus.js.stream_info(EVENTS.name)).state.messages < number:
        await asyncio.sleep(0.1)


async def _until_done(bus: Bus, number: int) -> float:
    """Events a second from the first acknowledgement on: starting Python is not what is measured."""
    deadline = time.monotonic() + _READY
    while (await bus.js.consumer_info(EVENTS.name, RECORDER.name)).ack_floor.stream_seq == 0:
        assert time.monotonic() < deadline, "the recorder does not take events"
        await asyncio.sleep(0.02)
    begun = (await bus.js.consumer_info(EVENTS.name, RECORDER.name)).ack_floor.stream_seq
    started = time.monotonic()
    while (await bus.js.consumer_info(EVENTS.name, RECORDER.name)).ack_floor.stream_seq < number:
        await asyncio.sleep(0.05)
    return float(number - begun) / (time.monotonic() - started)
