"""Waiting for conditions with a deadline, never for a fixed time."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def eventually(condition: Callable[[], Any], *, within: float = 10.0) -> Any:
    """The first truthy value of `condition`, plain or awaitable; fails with the last one after `within` seconds."""
    end = time.monotonic() + within
    last: object = None
    while time.monotonic() < end:
        try:
            found = condition()
            value = await found if inspect.isawaitable(found) else found
        except (AssertionError, LookupError, OSError) as error:
            last = error
        else:
            if value:
                return value
            last = value
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within} s; last: {last!r}")
