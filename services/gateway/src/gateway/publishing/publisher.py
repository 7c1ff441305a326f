"""The one decision of the gateway: an event is in the stream, or on this machine's disk, or the webhook is refused."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Protocol

from chassis import logs
from chassis.encoding import Encoded, PublishRejected
from chassis.failures import Unavailable
from gateway.metrics import SPOOLED
from gateway.publishing.breaker import Breaker
from gateway.publishing.spool import Spool

log = logs.get(__name__)

DEADLINE_SECONDS = 1.8
"""For everything: no webhook may wait longer than 2 s."""
BUS_SECONDS = 1.0
"""Of it, for NATS; what is left is plenty for one sync of a disk."""


class Durable(StrEnum):
    """Where a webhook's events are."""

    STREAM = "stream"
    SPOOL = "spool"
    """At least one of them; it will be published from there."""


class Send(Protocol):
    """`chassis.bus.Bus.send`."""

    def __call__(self, event: Encoded, *, seconds: float) -> Awaitable[None]:
        """Return once the stream has the event. Raises `Unavailable` or `PublishRejected`."""
        ...


class Publisher:
    """Makes events durable within `DEADLINE_SECONDS`, whatever NATS does."""

    def __init__(self, send: Send, spool: Spool, breaker: Breaker, spooled: Callable[[], None]) -> None:
        """`spooled` is called when something was put into the spool."""
        self._send = send
        self._spool = spool
        self._breaker = breaker
        self._spooled = spooled

    async def publish(self, events: Sequence[Encoded]) -> Durable:
        """Return when every event is durable. Raises `Unavailable` when nobody takes one now."""
        end = time.monotonic() + DEADLINE_SECONDS
        tried = self._breaker.closed
        left = await self._offer(events, BUS_SECONDS) if tried else events
        if not left:
            return Durable.STREAM
        try:
            await self._keep(left, end)
        except Unavailable:
            # The last resort of those who did not try: the disk is worse off than NATS was a moment ago.
            if tried or await self._offer(left, end - time.monotonic()):
                raise
            self._breaker.proved()
            return Durable.STREAM
        return Durable.SPOOL

    async def _offer(self, events: Sequence[Encoded], seconds: float) -> list[Encoded]:
        """Send all at once; those that the stream does not have for sure."""
        wait = max(seconds, 0.0)
        if len(events) == 1:  # as almost always: awaited here, where together takes a task and a turn of the loop each
            try:
                await self._send(events[0], seconds=wait)
            except Exception as error:
                return self._left(events, [error])
            return []
        sends = (self._send(event, seconds=wait) for event in events)
        return self._left(events, await asyncio.gather(*sends, return_exceptions=True))

    def _left(self, events: Sequence[Encoded], outcomes: Sequence[BaseException | None]) -> list[Encoded]:
        left = [(event, outcome) for event, outcome in zip(events, outcomes, strict=True) if outcome is not None]
        for event, outcome in left:
            if isinstance(outcome, PublishRejected):
                log.error("the bus rejects an event: the spool keeps it", subject=event.subject, error=str(outcome))
            elif self._breaker.failed(time.monotonic()):
                log.warning("NATS takes no events: the spool does", kind=type(outcome).__name__, error=str(outcome))
        return [event for event, _ in left]

    async def _keep(self, events: Sequence[Encoded], end: float) -> None:
        try:
            async with asyncio.timeout(max(end - time.monotonic(), 0.0)):
                await self._spool.put(events)
        except TimeoutError:
            raise Unavailable("neither NATS nor the disk took the event in time") from None
        SPOOLED.inc(len(events))
        self._spooled()
