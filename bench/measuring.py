"""One contender on one core, everything else on the other: its peak, half of that, and whether nothing was lost."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.js.api import ConsumerConfig

from bench import pacer, wrk
from bench.contenders import Contender, Running, running
from bench.pacer import Paced
from bench.prepared import prepared, write
from bench.wrk import Peak
from contracts.topology import EVENTS
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats

MOST_PER_SECOND = 25_000
"""Webhooks prepared for each second at the peak."""
CONNECTIONS = 64
_FIRST, _WARMING, _PEAK, _PACED = range(4)


@dataclass(frozen=True)
class Plan:
    """How long each part lasts, in seconds."""

    warming: int = 2
    peak: int = 7
    half: int = 6


@dataclass(frozen=True)
class Measured:
    """What a contender did."""

    peak: Peak
    cpu_us: float
    """Processor time for one webhook at the peak, in microseconds."""
    half_rate: float
    half: Paced
    rss_mb: float
    pss_mb: float
    lost: int
    """Webhooks that were answered 2xx and are not in the stream, or are in it more than once."""


class Requests:
    """The files that wrk reads: the same webhooks for every contender."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.warming, self.peak = directory / "warming.requests", directory / "peak.requests"
        write(self.warming, _WARMING, plan.warming * MOST_PER_SECOND, "127.0.0.1")
        self.sids = write(self.peak, _PEAK, plan.peak * MOST_PER_SECOND, "127.0.0.1")
        """Of the peak."""


def measure(contender: Contender, plan: Plan, requests: Requests, core: int) -> Measured:
    """Run it against a NATS server of its own with a new stream. Raises `RuntimeError` when it does not work."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as scratch:
        server = EmbeddedNats(Path(scratch), sync_interval=contender.sync_interval).start()
        try:
            asyncio.run(apply(server.url()))
            first = next(prepared(_FIRST))
            with running(contender, server.url(contender.nats_user), Path(scratch), core, first) as process:
                return _measure(contender, plan, requests, process, lambda: asyncio.run(stored(server.url())))
        finally:
            server.stop()


def _measure(
    contender: Contender, plan: Plan, requests: Requests, process: Running, look: Callable[[], Counter[str]]
) -> Measured:
    wrk.drive(process.port, requests.warming, plan.warming, CONNECTIONS)
    began = process.cpu_seconds()
    peak = wrk.drive(process.port, requests.peak, plan.peak, CONNECTIONS)
    used = process.cpu_seconds() - began
    rate = peak.per_second / 2
    half = pacer.drive(process.port, prepared(_PACED), rate=rate, seconds=plan.half, connections=CONNECTIONS)
    rss, pss = process.memory()
    lost = _lost(contender, peak, requests.sids, half, look)
    return Measured(peak, used / peak.requests * 1e6, rate, half, rss, pss, lost)


def _lost(contender: Contender, peak: Peak, sent: Sequence[str], half: Paced, look: Callable[[], Counter[str]]) -> int:
    """What is not in the stream once everything that was only on the gateway's own disk had time to get there."""
    events = {contender.identity(sid) for sid in sent}
    deadline = time.monotonic() + 20
    while True:
        found = look()
        lost = peak_lost(peak, found, events) + half_lost(half, found, contender.identity)
        if not lost or time.monotonic() > deadline:
            return lost
        time.sleep(1)


def peak_lost(peak: Peak, found: Counter[str], sent: set[str]) -> int:
    """wrk does not say which webhooks were answered, only how many: so many of those that it sent, each once."""
    times = [found[event] for event in sent if event in found]
    return max(0, peak.requests - peak.not_2xx - times.count(1)) + sum(count > 1 for count in times)


def half_lost(half: Paced, found: Counter[str], identity: Callable[[str], str]) -> int:
    """Every single one of those that were accepted must be there, once."""
    return sum(found[identity(sid)] != 1 for sid in half.accepted)


async def stored(nats_url: str) -> Counter[str]:
    """How often each Nats-Msg-Id is in the stream."""
    client = await nats.connect(nats_url)
    try:
        js = client.jetstream()
        left = (await js.stream_info(EVENTS.name)).state.messages
        headers_only = ConsumerConfig(headers_only=True)
        reader = await js.subscribe(EVENTS.subjects[0], ordered_consumer=True, config=headers_only)
        found: Counter[str] = Counter()
        for _ in range(left):
            message = await reader.next_msg(10)
            found[(message.headers or {})["Nats-Msg-Id"]] += 1
        return found
    finally:
        await client.close()
