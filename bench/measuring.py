"""Contenders on one core, everything else on the other: their peak, half of that, and whether nothing was lost."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
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
_FIRST, _WARMING, _PACED, _SLICES = range(4)


@dataclass(frozen=True)
class Plan:
    """How long each part of a round lasts, in seconds."""

    warming: int = 1
    peak: int = 6
    """In slices of a second, in which all contenders take turns."""
    half: int = 3


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
        self.warming = directory / "warming.requests"
        write(self.warming, _WARMING, plan.warming * MOST_PER_SECOND, "127.0.0.1")
        self.slices = [directory / f"{number}.requests" for number in range(plan.peak)]
        """A second of the peak each."""
        self.sids: list[str] = []
        """Of the peak."""
        for number, file in enumerate(self.slices):
            self.sids += write(file, _SLICES + number, MOST_PER_SECOND, "127.0.0.1")


@dataclass
class _Standing:
    """A contender that waits for its turn."""

    contender: Contender
    process: Running
    look: Callable[[], Counter[str]]
    """What is in its stream."""
    slices: list[Peak] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def take(self, requests: Path) -> None:
        """A second at the peak."""
        began = self.process.cpu_seconds()
        self.slices.append(wrk.drive(self.process.port, requests, 1, CONNECTIONS))
        self.cpu_seconds += self.process.cpu_seconds() - began


def measure(contenders: Sequence[Contender], plan: Plan, requests: Requests, core: int) -> dict[Contender, Measured]:
    """One round. Raises `RuntimeError` when a contender does not work.

    They all stand on the core, and one after the other carries load for a second: on a shared machine, two figures can
    only be compared when they were taken within a few seconds.
    """
    with ExitStack() as stack:
        all_of_them = [stack.enter_context(_standing(contender, core)) for contender in contenders]
        for one in all_of_them:
            wrk.drive(one.process.port, requests.warming, plan.warming, CONNECTIONS)
        for number, file in enumerate(requests.slices):
            for one in all_of_them[:: -1 if number % 2 else 1]:
                one.take(file)
        return {one.contender: _measured(one, plan, requests) for one in all_of_them}


@contextmanager
def _standing(contender: Contender, core: int) -> Iterator[_Standing]:
    """With a NATS server of its own and a new stream."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as scratch:
        server = EmbeddedNats(Path(scratch), sync_interval=contender.sync_interval).start()
        try:
            asyncio.run(apply(server.url()))
            first = next(prepared(_FIRST))
            with running(contender, server.url(contender.nats_user), Path(scratch), core, first) as process:
                yield _Standing(contender, process, lambda: asyncio.run(stored(server.url())))
        finally:
            server.stop()


def _measured(one: _Standing, plan: Plan, requests: Requests) -> Measured:
    peak = wrk.together(one.slices)
    rate = peak.per_second / 2
    ready = [*islice(prepared(_PACED), int(rate * plan.half) + 1)]  # signing them meanwhile would make the load late
    half = pacer.drive(one.process.port, iter(ready), rate=rate, seconds=plan.half, connections=CONNECTIONS)
    rss, pss = one.process.memory()
    lost = _lost(one.contender, peak, requests.sids, half, one.look)
    return Measured(peak, one.cpu_seconds / peak.requests * 1e6, rate, half, rss, pss, lost)


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
