"""Breaking off at shutdown what takes minutes, so that the bus delivers it again instead of waiting for it."""

import asyncio

from chassis.consuming import Handler
from chassis.failures import Unavailable
from contracts.registry import AnyEvent


class Interruptible:
    """A handler whose runs can be broken off."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._running: set[asyncio.Task[None]] = set()
        self._interrupted = False

    async def __call__(self, event: AnyEvent) -> None:
        """Handle `event`. Raises `Unavailable` when broken off."""
        if self._interrupted:
            raise Unavailable("stopping")
        task = asyncio.ensure_future(self._handler(event))
        self._running.add(task)
        try:
            await task
        except asyncio.CancelledError:
            if self._interrupted:
                raise Unavailable("broken off: stopping") from None
            raise
        finally:
            self._running.discard(task)

    def interrupt(self) -> None:
        """Break off what runs, and begin nothing more."""
        self._interrupted = True
        for task in self._running:
            task.cancel()
