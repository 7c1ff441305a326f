"""Everything that makes events durable, wired: breaker, spool, publisher, drainer."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.metrics import SPOOL_BYTES, SPOOL_EVENTS, SPOOL_OLDEST, SPOOL_SET_ASIDE
from gateway.publishing.breaker import Breaker
from gateway.publishing.drain import Drainer
from gateway.publishing.publisher import Publisher, Sender
from gateway.publishing.spool import Spool

SHOWN_EVERY_SECONDS = 1.0


class Storing:
    """What the gateway publishes through. Nothing drains, and nothing is spooled, outside of `running`."""

    def __init__(self, bus: Sender, directory: Path, max_bytes: int) -> None:
        self.spool = Spool(directory, max_bytes)
        breaker = Breaker()
        self._drainer = Drainer(self.spool, bus, breaker)
        self.publisher = Publisher(bus, self.spool, breaker, self._drainer.look)
        self.problem = self.spool.problem
        """Why the spool takes nothing; None when it does."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Spool and drain; at the end, finish what is in flight."""
        self.spool.start()
        draining = asyncio.create_task(self._drainer.run())
        showing = asyncio.create_task(_show(self.spool))
        try:
            yield
        finally:
            showing.cancel()
            self._drainer.stop()
            await draining
            await self.spool.close()

    async def backlog(self) -> str | None:
        """What the spool holds, for people; None when that is nothing."""
        status = self.spool.status
        waiting = f"{status.events} events wait for NATS" if status.events else None
        rejected = f"{status.set_aside} events are rejected by NATS" if status.set_aside else None
        return "; ".join(filter(None, (waiting, rejected))) or None


async def _show(spool: Spool) -> None:
    """Keep the metrics at what the spool last knew. Set, not asked for: several workers meet in files."""
    while True:
        status = spool.status
        SPOOL_EVENTS.set(status.events)
        SPOOL_SET_ASIDE.set(status.set_aside)
        SPOOL_BYTES.set(status.bytes)
        SPOOL_OLDEST.set(time.time() - status.oldest_at if status.oldest_at else 0.0)
        await asyncio.sleep(SHOWN_EVERY_SECONDS)
