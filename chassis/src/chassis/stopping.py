"""The end of a process: on SIGTERM or SIGINT, in order, and inside a deadline."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable

from chassis import logs

log = logs.get(__name__)

SHUTDOWN_SECONDS = 6.0
"""From SIGTERM to the end of the process, whatever hangs."""

DEAD_SECONDS = 10.0
"""How long a process may say that only a restart helps before it ends: no container engine restarts the unhealthy."""


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


@contextlib.asynccontextmanager
async def lifeline(alive: Callable[[], bool], stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    """End the process when it can no longer do its work. Gives an event that says so, for the exit code."""
    dead = asyncio.Event()

    async def look() -> None:
        seconds = 0.0
        while seconds < DEAD_SECONDS:
            await asyncio.sleep(1)
            seconds = 0.0 if alive() else seconds + 1
        log.error("only a restart helps; ending", after_seconds=DEAD_SECONDS)
        dead.set()
        stop.set()

    task = asyncio.create_task(look())
    try:
        yield dead
    finally:
        task.cancel()
