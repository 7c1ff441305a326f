"""From the spool to the stream, when NATS is back: in the order things came, each with its own id.

An event is removed only after its PubAck. A drainer that dies in between publishes it again, as does a webhook whose
publish timed out and was stored all the same: the stream drops such repeats by their id for as long as its duplicate
window lasts, and every consumer for ever after.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence

from chassis import logs
from chassis.encoding import Encoded, PublishRejected
from chassis.failures import Unavailable
from gateway.metrics import DRAINED, SET_ASIDE
from gateway.publishing.breaker import Breaker
from gateway.publishing.locks import Claim
from gateway.publishing.publisher import Sender
from gateway.publishing.spool import Spool

log = logs.get(__name__)

WINDOW = 64
"""Publishes in flight: enough to keep NATS busy, few enough not to hold up live events."""
PUBACK_SECONDS = 1.0
IDLE_SECONDS = 1.0
"""How often an empty spool is looked at: another process may have put something in."""
_DELAYS = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds after the first, second, … failure in a row; the last one repeats."""


def delay(failures: int) -> float:
    """How long to wait after that many failures in a row; not the same for everybody."""
    return _DELAYS[min(failures, len(_DELAYS)) - 1] * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


def window(previous: int, *, failed: bool) -> int:
    """How many to publish at once: one while NATS is away, and twice as many after every success."""
    return 1 if failed else min(WINDOW, max(1, previous) * 2)


class Drainer:
    """Empties the spool while it runs. Of the processes that share a spool one does it, and the others watch."""

    def __init__(self, spool: Spool, bus: Sender, breaker: Breaker) -> None:
        self._spool = spool
        self._send = bus.send
        self._breaker = breaker
        self._claim = Claim(spool.directory / "drain.lock")
        self._ours = False
        self._head: int | None = None
        self._window = 1
        self._failures = 0
        self._news = asyncio.Event()
        self._stop = asyncio.Event()

    def look(self) -> None:
        """There is something in the spool."""
        self._news.set()

    def stop(self) -> None:
        """Let `run` end after what is in flight."""
        self._stop.set()
        self._news.set()

    async def run(self) -> None:
        """Drain until `stop`."""
        with contextlib.suppress(Unavailable):
            await self._spool.head()  # a new spool makes its folder, in which the claim lies
        while not self._stop.is_set():
            try:
                if self._claim.take():
                    await self._drain()
                else:
                    await self._watch()
            except Unavailable:  # the spool has said so already
                await self._back_off()
            except Exception as error:
                log.error("a defect in draining the spool", kind=type(error).__name__)
                await self._back_off()
        self._claim.release()

    async def _watch(self) -> None:
        """Somebody else drains: when the first event of the spool is another one, NATS works."""
        before, self._head = self._head, await self._spool.head()
        if self._head is None:
            self._breaker.nothing_to_prove_with(time.monotonic())
        elif before is not None and self._head != before:
            self._breaker.proved()
        await _within(IDLE_SECONDS, self._stop)

    async def _drain(self) -> None:
        """Publish the next few."""
        if not self._ours:
            await self._begin()
        self._news.clear()
        events = await self._spool.oldest(self._window)
        if not events:
            self._breaker.nothing_to_prove_with(time.monotonic())
            await _within(IDLE_SECONDS, self._news)
            return
        sends = (self._send(event, seconds=PUBACK_SECONDS) for event in events)
        failed = await self._settle(events, await asyncio.gather(*sends, return_exceptions=True))
        self._window = window(self._window, failed=failed)
        if failed:
            await self._back_off()
        else:
            self._failures = 0

    async def _begin(self) -> None:
        """The spool is ours now: what was set aside gets another chance, its cause may be gone."""
        again = await self._spool.try_again()
        self._ours = True
        if again:
            log.info("trying again what was set aside", events=again)

    async def _settle(self, events: Sequence[Encoded], outcomes: Sequence[BaseException | None]) -> bool:
        """Remove what the stream has, set aside what it will never take. True when neither is known of one."""
        stored = [event.id for event, outcome in zip(events, outcomes, strict=True) if outcome is None]
        if stored:
            if self._breaker.proved():
                log.info("NATS takes events again")
            await self._remove(stored)
        for event, outcome in zip(events, outcomes, strict=True):
            if isinstance(outcome, PublishRejected):
                await self._spool.set_aside(event, str(outcome))
                SET_ASIDE.inc()
                log.error("set aside an event that the bus rejects", subject=event.subject, error=str(outcome))
        return any(outcome and not isinstance(outcome, PublishRejected) for outcome in outcomes)

    async def _remove(self, ids: Sequence[str]) -> None:
        """A full disk may not let us: then this is all we try, instead of publishing the same again and again."""
        while True:
            try:
                await self._spool.remove(ids)
            except Unavailable:
                if self._stop.is_set():
                    raise
                await self._back_off()
            else:
                DRAINED.inc(len(ids))
                return

    async def _back_off(self) -> None:
        self._failures += 1
        await _within(delay(self._failures), self._stop)


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Return when `event` is set, or after `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
