"""Webhooks that have begun and are not answered yet, and what they wait for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

_LOOK_SECONDS = 0.02


class Answering(Protocol):
    """An exchange."""

    def abandon(self) -> None:
        """The gateway stops before there is an answer."""
        ...


class UnderWay:
    """All of this process; empty before it ends, so that each has its line in the request log."""

    def __init__(self) -> None:
        self.exchanges: set[Answering] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, rest: Coroutine[Any, Any, None]) -> None:
        """Have something done that has to wait."""
        task = asyncio.create_task(rest)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self, seconds: float) -> None:
        """Let them come to their end, but not for longer than this."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self.exchanges and loop.time() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)
        for exchange in [*self.exchanges]:
            exchange.abandon()
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
