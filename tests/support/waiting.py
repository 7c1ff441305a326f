"""Waiting for conditions with a deadline, never for a fixed time."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg

_NOT_YET = (AssertionError, LookupError, OSError, httpx.TransportError, psycopg.OperationalError)
"""What a condition may raise while what it looks at is not there yet."""


async def eventually(condition: Callable[[], Any], *, within: float = 20.0) -> Any:
    """The first truthy value of `condition`, plain or awaitable; fails with the last one after `within` seconds."""
    end = time.monotonic() + within
    last: object = None
    while time.monotonic() < end:
        try:
            found = condition()
            value = await found if inspect.isawaitable(found) else found
        except _NOT_YET as error:
            last = error
        else:
            if value:
                return value
            last = value
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within} s; last: {last!r}")
