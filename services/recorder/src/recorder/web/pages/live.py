"""News for pages that are open: one question a second to the database, however many pages listen.

A listener holds nothing but the last thing it told: whoever reads slowly is told the newest when there is room again,
so neither many nor slow listeners cost memory.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chassis.failures import Refused, Unavailable

MOST_LISTENERS = 500
EVERY = 1.0
"""Seconds between two questions."""
_STILL_HERE = 15.0
"""Seconds after which a listener that heard nothing gets a sign of life, so that proxies keep the line open."""
_LONGEST = 600.0
"""Seconds a line lives. A page connects again by itself, and is asked again who it is."""

RETRY = "retry: 1000\n\n"
STILL_HERE = ": still here\n\n"


class TooManyListeners(Exception):
    """No more lines can be held open."""


@dataclass(frozen=True)
class News:
    """What listeners are told."""

    version: str
    """Different whenever something that a page shows may have changed; empty before the first answer."""
    problem: str | None = None
    """Why nothing newer can be known."""

    def as_event(self) -> str:
        """As a server-sent event (HTML standard, 9.2)."""
        if self.problem is not None:
            return f"event: away\ndata: {json.dumps(self.problem)}\n\n"
        return f"event: version\ndata: {json.dumps(self.version)}\n\n"


class Live:
    """Asks while anybody listens."""

    def __init__(self, ask: Callable[[], Awaitable[Any]], every: float = EVERY) -> None:
        """`ask` gives another value whenever something has changed, and raises `Unavailable`."""
        self._ask = ask
        self._every = every
        self._news = News("")
        self._changed = asyncio.Event()
        self._listeners = 0
        self._asking: asyncio.Task[None] | None = None
        self._closed = False

    async def listen(self) -> AsyncIterator[str]:
        """Server-sent events, the newest first of all. Raises `TooManyListeners`."""
        if self._listeners >= MOST_LISTENERS or self._closed:
            raise TooManyListeners
        return self._events()

    def close(self) -> None:
        """End all lines: the process stops."""
        self._closed = True
        self._tell()

    async def _events(self) -> AsyncIterator[str]:
        self._listeners += 1  # not before the first event is asked for: only then is the end certain to be seen
        told: News | None = None
        end = asyncio.get_running_loop().time() + _LONGEST
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._keep_asking())
        try:
            yield RETRY
            while not self._closed and asyncio.get_running_loop().time() < end:
                changed = self._changed
                if self._news not in (told, News("")):
                    told = self._news
                    yield told.as_event()
                elif not await _happens(changed):
                    yield STILL_HERE
        finally:
            self._listeners -= 1

    async def _keep_asking(self) -> None:
        while self._listeners and not self._closed:
            news = await self._answer()
            if news != self._news:
                self._news = news
                self._tell()
            await asyncio.sleep(self._every)

    async def _answer(self) -> News:
        try:
            said = json.dumps(await self._ask(), sort_keys=True)
        except (Unavailable, Refused) as error:
            return News(self._news.version, str(error))
        return News(sha256(said.encode()).hexdigest()[:16])

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


async def _happens(event: asyncio.Event) -> bool:
    """Whether it does before it is time for a sign of life."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_STILL_HERE):
            return await event.wait()
    return False
