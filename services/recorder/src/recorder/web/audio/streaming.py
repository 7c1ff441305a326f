"""Recordings of Twilio: its answer is handed on as it comes, and ranges are its work where it does it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chassis.recordings.download import MAX_BYTES, body
from chassis.recordings.twilio import TwilioFetcher
from recorder.web.audio.ranges import Asked, Slice
from recorder.web.audio.sound import NoSuchPart, NotPlayable, Sound

_CONTENT_TYPE = "audio/wav"
_PART = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_OUTSIDE = re.compile(r"bytes \*/(\d{1,15})")


@asynccontextmanager
async def streamed(fetcher: TwilioFetcher, recording_url: str | None, part: Asked | None) -> AsyncIterator[Sound]:
    """The sound, to be read inside the block. Raises `NoSuchPart` and what the fetcher raises."""
    async with fetcher.opened(recording_url, {"Range": part.header} if part else {}) as response:
        if response.status_code == 416:
            outside = _OUTSIDE.fullmatch(response.headers.get("content-range", ""))
            raise NoSuchPart(int(outside[1]) if outside else None)
        size = _length(response)
        if size is not None and size > MAX_BYTES:
            raise NotPlayable(502, "the recording is too large to be played here")
        if response.status_code == 206:
            given = _given(response)
            yield Sound(_CONTENT_TYPE, given.end - given.first, given, body(response))
        elif part is None or size is None:
            yield Sound(_CONTENT_TYPE, size, None, body(response))
        else:
            wanted = part.of(size)
            if wanted is None:
                raise NoSuchPart(size)
            yield Sound(_CONTENT_TYPE, wanted.end - wanted.first, wanted, _cut(body(response), wanted))


def _given(response: httpx.Response) -> Slice:
    match = _PART.fullmatch(response.headers.get("content-range", ""))
    first, last, size = (int(number) for number in match.groups()) if match else (1, 0, 0)
    if not first <= last < size:
        raise NotPlayable(502, "the provider answered with a part of which it does not say which")
    return Slice(first, last + 1, size)


def _length(response: httpx.Response) -> int | None:
    """Of the file, when it comes as it is."""
    declared = response.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() and "content-encoding" not in response.headers else None


async def _cut(pieces: AsyncIterator[bytes], wanted: Slice) -> AsyncIterator[bytes]:
    """The wanted bytes of a whole file: its beginning is passed over, its end not waited for."""
    at = 0
    async for piece in pieces:
        yield piece[max(wanted.first - at, 0) : wanted.end - at]
        at += len(piece)
        if at >= wanted.end:
            return
