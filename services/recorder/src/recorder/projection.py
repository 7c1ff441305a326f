"""From the bus into the rows: batches of events, each acknowledged only after its transaction."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from nats.aio.msg import Msg

from chassis import logs, tracing
from chassis.bus import Bus
from chassis.consuming import event_in, give_back
from chassis.failures import Unavailable
from chassis.metrics import HANDLED, HANDLING, from_zero
from contracts import UnknownEvent
from contracts.topology import RECORDER
from recorder.database import Database, Row
from recorder.pulling import Puller

log = logs.get(__name__)

BATCH = 1000
"""Events in one transaction at most. There are as few as have come: batches grow with the load."""
_FEW = 100
"""Events that even a slow database takes within its deadline."""
_WAIT = 0.5
"""Seconds one request for events stays with the server; who stops waits for its end."""
_PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts while the database or the bus is away; the last one repeats."""

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, eq=False)
class Delivery:
    """A valid event and the message that brought it."""

    message: Msg
    event: Row


class _TooMany(Exception):
    """Perhaps the database can take fewer events at a time."""


class Projection:
    """The recorder's one consumer. Replicas may run at the same time.

    While one batch is in the database the next is taken off the bus and decoded.
    """

    def __init__(self, bus: Bus, database: Database) -> None:
        self._bus = bus
        self._database = database
        self._puller = Puller(bus, RECORDER)
        self._in_hand: set[Delivery] = set()
        self._stopping = asyncio.Event()
        from_zero(RECORDER.name)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Consume while inside; on leaving, the batch in hand is finished first."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._stopping.set()
            await task

    async def _run(self) -> None:
        await self._unless_stopping(self._bus.start(RECORDER))
        keeping_alive = asyncio.create_task(self._keep_alive())
        recording: asyncio.Task[None] | None = None
        while not self._stopping.is_set():
            try:
                batch = await self._unless_stopping(self._puller.first(wait=_WAIT)) or []
                batch += await self._puller.more(BATCH - 1) if batch else []
                taken = time.monotonic()
                deliveries = [delivery for message in batch if (delivery := await self._decoded(message))]
                self._in_hand.update(deliveries)
                if recording:
                    await recording
                recording = asyncio.create_task(self._settle(deliveries, taken))
            except Exception as error:  # nothing is lost: what was not acknowledged comes back
                log.warning("cannot take events; trying again", exc_info=error)
                await self._unless_stopping(asyncio.sleep(_PAUSES[0]))
        with contextlib.suppress(Exception):  # the connection is closed next anyway
            await self._puller.close()  # first: else what is given back below is delivered to us again
        if recording:
            await recording
        keeping_alive.cancel()

    async def _keep_alive(self) -> None:
        """However long the database is away, the events in hand are not delivered again meanwhile."""
        while True:
            await asyncio.sleep(RECORDER.ack_wait / 3)
            for delivery in tuple(self._in_hand):
                with contextlib.suppress(Exception):  # a missed beat is repaired by the next; the work goes on
                    await delivery.message.in_progress()

    async def _settle(self, deliveries: list[Delivery], taken: float) -> None:
        try:
            if deliveries:
                with tracing.batch("record events", (_traced(delivery.event) for delivery in deliveries)):
                    await self._record(deliveries)
        except Exception as error:  # they were not acknowledged and come back
            log.warning("cannot settle events", exc_info=error)
        self._in_hand.difference_update(deliveries)
        for _ in deliveries:
            HANDLING.labels(RECORDER.name).observe(time.monotonic() - taken)

    async def _decoded(self, message: Msg) -> Delivery | None:
        try:
            event = event_in(message)
            if not isinstance(event, UnknownEvent):
                return Delivery(message, storable(message.data))
            await message.ack()
            HANDLED.labels(RECORDER.name, "unknown_type").inc()
        except ValueError as error:
            await self._give_back(message, error)
        return None

    async def _record(self, deliveries: list[Delivery]) -> None:
        """Record them together; where that cannot be, by halves, so that a bad event is set aside alone."""
        try:
            await self._record_patiently(deliveries)
        except Unavailable:
            for delivery in deliveries:
                await delivery.message.nak()
            HANDLED.labels(RECORDER.name, "try_again").inc(len(deliveries))
        except Exception as error:
            if len(deliveries) == 1:
                await self._give_back(deliveries[0].message, error)
                return
            middle = len(deliveries) // 2
            await self._record(deliveries[:middle])
            await self._record(deliveries[middle:])
        else:
            for delivery in deliveries:
                await delivery.message.ack()
            HANDLED.labels(RECORDER.name, "done").inc(len(deliveries))

    async def _record_patiently(self, deliveries: list[Delivery]) -> None:
        """Hold on to the events while the database is away. Raises `Unavailable` only when the service is stopping."""
        events = [delivery.event for delivery in deliveries]
        for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
            try:
                await self._database.record(events)
                return
            except Unavailable as error:
                if self._stopping.is_set():
                    raise
                log.warning("cannot record; holding on to the events", events=len(events), error=str(error))
            await self._unless_stopping(asyncio.sleep(pause))
            if len(events) > _FEW:
                raise _TooMany

    async def _give_back(self, message: Msg, error: Exception) -> None:
        try:
            outcome = await give_back(self._bus, RECORDER, message, error)
        except Exception as failed:  # it comes back after its ack_wait; the others of its batch must not wait for that
            log.error("cannot settle an event", exc_info=failed)
            outcome = "unsettled"
        HANDLED.labels(RECORDER.name, outcome).inc()

    async def _unless_stopping(self, work: Coroutine[Any, Any, ResultT]) -> ResultT | None:
        """The result of `work`; None when the service stops before there is one."""
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (task, stop):
                each.cancel()
            await asyncio.wait({task, stop})
        return None if task.cancelled() else task.result()


def _traced(event: Row) -> tuple[str, str | None]:
    """Name and trace of the span of one event of a batch."""
    return f"record {event['type'].removeprefix('frontdesk.').rpartition('.')[0]}", event.get("traceparent")


def storable(body: bytes) -> Row:
    """The event as it was published, with fields this version does not know; `jsonb` cannot hold NUL characters."""
    event: Row = json.loads(body)
    return _without_nul(event) if b"\\u0000" in body else event


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
