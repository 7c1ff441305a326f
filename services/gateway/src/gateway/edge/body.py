"""Reading a request's body, bounded in size and time, before anything is known about its sender."""

import asyncio
from dataclasses import dataclass

from starlette.types import Message, Receive


@dataclass(frozen=True)
class Limits:
    """How much of a body is taken, and how long that may last."""

    size: int = 256 * 1024
    """Bytes. The largest webhooks are a few KiB."""
    drained: int = 4 * 1024 * 1024
    """Bytes that are read and thrown away, so that a sender still writing gets to see our 413."""
    seconds: float = 10.0
    """From the end of the headers to the end of the body, however steadily it trickles."""


DEFAULT_LIMITS = Limits()


class BodyTooLarge(Exception):
    """More than `Limits.size`, whatever Content-Length said."""


class BodyTooSlow(Exception):
    """Not complete within `Limits.seconds`."""


class BodyIncomplete(Exception):
    """The sender hung up."""


async def read_body(receive: Receive, limits: Limits) -> bytes:
    """The whole body. Raises `BodyTooLarge`, `BodyTooSlow` or `BodyIncomplete`."""
    read = _Read()
    try:
        async with asyncio.timeout(limits.seconds):
            return await _rest(await receive(), receive, limits, read)
    except TimeoutError:
        raise (BodyTooSlow if read.size <= limits.size else BodyTooLarge) from None


@dataclass
class _Read:
    size: int = 0


async def _rest(message: Message, receive: Receive, limits: Limits, read: _Read) -> bytes:
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise BodyIncomplete
        read.size += len(message["body"])
        if read.size <= limits.size:
            body += message["body"]
        if not message["more_body"] or read.size > limits.drained:
            break
        message = await receive()
    if read.size > limits.size:
        raise BodyTooLarge
    return bytes(body)
