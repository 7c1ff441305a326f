"""Reading a request's body, bounded in size and time, before anything is known about its sender."""

import asyncio
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request


@dataclass(frozen=True)
class Limits:
    """How much of a body is taken, and how long that may last."""

    size: int = 256 * 1024
    """Bytes. The largest webhooks are a few KiB."""
    drained: int = 4 * 1024 * 1024
    """Bytes that are read and thrown away, so that a sender still writing gets to see our 413."""
    seconds: float = 10.0


DEFAULT_LIMITS = Limits()


class BodyTooLarge(Exception):
    """More than `Limits.size`, whatever Content-Length said."""


class BodyTooSlow(Exception):
    """Not complete within `Limits.seconds`."""


class BodyIncomplete(Exception):
    """The sender hung up."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """The whole body. Raises `BodyTooLarge`, `BodyTooSlow` or `BodyIncomplete`."""
    body = bytearray()
    size = 0
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= limits.size:
                    body += chunk
                elif size > limits.drained:
                    break
    except TimeoutError:
        if size <= limits.size:
            raise BodyTooSlow from None
    except ClientDisconnect:
        raise BodyIncomplete from None
    if size > limits.size:
        raise BodyTooLarge
    return bytes(body)
