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


class Sender(Protocol):
    """`chassis.bus.Bus`, as far as events are sent with it."""

    def send(self, event: Encoded, *, seconds: float) -> Awaitable[None]:
        """Return once the stream has the event. Raises `Unavailable` or `PublishRejected`."""
        ...

    def begin(self, event: Encoded, settled: Callable[[Exception | None], None], *, seconds: float) -> bool:
        """The usual `send`, without a coroutine; `settled` is called once. False when `send` has to do it."""
        ...


class Publisher:
    """Makes events durable within `DEADLINE_SECONDS`, whatever NATS does."""

    def __init__(self, bus: Sender, spool: Spool, breaker: Breaker, spooled: Callable[[], None]) -> None:
        """`spooled` is called when something was put into the spool."""
        self._bus = bus
        self._spool = spool
        self._breaker = breaker
        self._spooled = spooled

    def begin(self, events: Sequence[Encoded], settled: Callable[[Awaitable[Durable] | None], None]) -> None:
        """Make events durable. `settled` is called once: with None when the stream has them, else with what is to do.

        That returns, or raises, what `publish` does. Almost every webhook states one event, and NATS takes it: nothing
        but its PubAck is waited for then, and no task is needed for that.
        """
        end = time.monotonic() + DEADLINE_SECONDS

        def outcome(error: Exception | None) -> None:
            settled(None if error is None else self._rest(self._left(events, [error]), True, end))

        usual = len(events) == 1 and self._breaker.closed
        try:
            begun = usual and self._bus.begin(events[0], outcome, seconds=BUS_SECONDS)
        except Exception as error:  # whatever it is, the spool is there
            outcome(error)
            return
        if not begun:
            settled(self.publish(events))

    async def publish(self, events: Sequence[Encoded]) -> Durable:
        """Return when every event is durable. Raises `Unavailable` when nobody takes one now."""
        end = time.monotonic() + DEADLINE_SECONDS
        tried = self._breaker.closed
        return await self._rest(await self._offer(events, BUS_SECONDS) if tried else events, tried, end)

    async def _rest(self, left: Sequence[Encoded], tried: bool, end: float) -> Durable:
        """What has to be done for those that the stream does not have for sure."""
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
        sends = (self._bus.send(event, seconds=max(seconds, 0.0)) for event in events)
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
