"""The end of a process: on SIGTERM or SIGINT, in order, and inside a deadline."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

from chassis import logs

log = logs.get(__name__)

SHUTDOWN_SECONDS = 6.0
"""From SIGTERM to the end of the process, whatever hangs."""


def stop_signal() -> asyncio.Event:
    """Set when the process is told to end."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


@contextlib.asynccontextmanager
async def watchdog(stop: asyncio.Event) -> AsyncIterator[None]:
    """End the process when an orderly end takes too long: a hung dependency must not hang the exit."""

    async def bark() -> None:
        await stop.wait()
        await asyncio.sleep(SHUTDOWN_SECONDS)
        log.error("still not stopped; leaving anyway", after_seconds=SHUTDOWN_SECONDS)
        logs.flush(1.0)
        os._exit(1)

    task = asyncio.create_task(bark())
    try:
        yield
    finally:
        task.cancel()
