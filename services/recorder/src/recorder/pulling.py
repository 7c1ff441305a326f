"""Taking events off a durable consumer in batches: all there is at once, and a lone event without delay.

nats-py's own `fetch(n)` holds a lone message back until its whole timeout is over, hoping for more.
"""

import asyncio
import contextlib
import json
import sys
import time
from typing import Any

import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chassis.bus import Bus
from chassis.failures import Unavailable
from contracts.topology import EVENTS, Consumer

_ANSWER = 2.0
"""Seconds the server may take to say that there is no more."""
_ENDED = 0.3
"""Seconds after its time by which a request surely has its answer, unless the server is away."""
_MAX_BYTES = 4_000_000
"""Of a batch, more or less: transcripts may be long, and all of them go into one statement."""
_NOTHING_NOW = ("404", "408")
"""Status of a request that found no message, at once or in time."""
_COMPLETED = "409 Batch Completed"
_TOO_LARGE = "409 Message Size Exceeds MaxBytes"


class Puller:
    """Pull requests to one durable consumer, one at a time, over a subscription of its own."""

    def __init__(self, bus: Bus, consumer: Consumer) -> None:
        self._bus = bus
        self._requests = f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS.name}.{consumer.name}"
        self._inbox: asyncio.Queue[Msg] = asyncio.Queue()
        self._subscription: Subscription | None = None
        self._ends: float | None = None
        """When the request that is under way ends."""

    async def first(self, *, wait: float) -> list[Msg]:
        """One message as soon as there is one; none after `wait` seconds.

        Raises `Unavailable` when the consumer is missing or the server is on its way down.
        """
        return await self._pull(1, wait)

    async def more(self, size: int) -> list[Msg]:
        """What else is there now, up to `size`. Short, and not to be cancelled: what was taken would be forgotten."""
        with contextlib.suppress(Unavailable, nats.errors.Error):  # the first in hand is worth more than the rest
            return await self._pull(size, None)
        return []

    async def close(self) -> None:
        """Let the request that is under way end, and give back what it brings: another recorder gets it at once.

        Unsubscribing does not withdraw it for sure. One time in a hundred the server, whose stream is in another
        account than the inbox, still sent there what was given back later; that came again only after its ack_wait.
        """
        if self._subscription is None or self._bus.client.is_closed:
            return
        until = (self._ends or time.monotonic()) + _ENDED
        with contextlib.suppress(Unavailable, nats.errors.Error):
            for message in await _answers(self._inbox, sys.maxsize, until=until):
                await message.nak()

    async def _pull(self, size: int, wait: float | None) -> list[Msg]:
        """With `wait` the server keeps the request that long; without, it says at once when there is no more."""
        subscription = await self._subscribed()
        until: dict[str, Any] = (
            {"no_wait": True, "max_bytes": _MAX_BYTES} if wait is None else {"expires": int(wait * 1e9)}
        )
        request = {"batch": size, **until}
        self._ends = time.monotonic() + (wait or 0)
        await self._bus.client.publish(self._requests, json.dumps(request).encode(), subscription.subject)
        messages = await _answers(self._inbox, size, until=self._ends + _ANSWER)
        self._ends = None  # not when it was cancelled
        return messages

    async def _subscribed(self) -> Subscription:
        if self._subscription is None:
            # Not `next_msg`: its timer and task for every message cost more than all the rest of taking it.
            self._subscription = await self._bus.client.subscribe(self._bus.client.new_inbox(), cb=self._inbox.put)
        return self._subscription


async def _answers(inbox: asyncio.Queue[Msg], size: int, *, until: float) -> list[Msg]:
    messages: list[Msg] = []
    while len(messages) < size and (left := until - time.monotonic()) > 0:
        try:
            message = inbox.get_nowait() if inbox.qsize() else await asyncio.wait_for(inbox.get(), left)
        except TimeoutError:
            break
        if message.reply:  # the server's own words about a request have no address to acknowledge them to
            messages.append(message)
            continue
        status = _words(message)
        if messages or status.startswith(_NOTHING_NOW) or status == _TOO_LARGE:
            break
        if status != _COMPLETED:  # that one is still about the request before
            raise Unavailable(f"the consumer cannot be read: {status}")
    return messages


def _words(message: Msg) -> str:
    headers = message.headers or {}
    return f"{headers.get('Status', '')} {headers.get('Description', '')}"
