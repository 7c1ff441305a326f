"""HTTP for recordings: answers streamed with a bound on size and time, and failures with one meaning everywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chassis.failures import Unavailable
from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from contracts.recording import TranscriptionFailure

MAX_BYTES = 100 * 1000 * 1000
"""Of a recording: 100 minutes of Twilio's WAV (128 kbit/s a channel), or 50 with two channels."""
MAX_SECONDS = 300.0
"""For one download."""

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def new_client(service: str) -> httpx.AsyncClient:
    """A client that never follows a redirect by itself: credentials would go where it points."""
    return httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, headers={"User-Agent": f"frontdesk-{service}"})


@asynccontextmanager
async def answer(
    client: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth | None = None
) -> AsyncIterator[httpx.Response]:
    """The provider's answer, to be read inside the block.

    Raises `Unavailable` when there is none or the provider is out of order, `TemporaryFailure` when it breaks off or
    takes too long as a whole.
    """
    try:
        async with asyncio.timeout(MAX_SECONDS):
            response = await client.send(request, auth=auth, stream=True)
            try:
                if response.status_code in {408, 429} or response.status_code >= 500:
                    raise Unavailable(f"{request.url.host} answered {response.status_code}")
                yield response
            finally:
                await response.aclose()
    except TimeoutError as error:
        raise _not_delivered(f"not complete within {MAX_SECONDS:.0f} s") from error
    except httpx.RemoteProtocolError as error:
        raise _not_delivered("the answer broke off") from error
    except httpx.TransportError as error:
        raise Unavailable(f"{request.url.host}: {type(error).__name__}") from error


def _not_delivered(detail: str) -> TemporaryFailure:
    return TemporaryFailure(TranscriptionFailure.UNAVAILABLE, detail)


async def body(response: httpx.Response, max_bytes: int = MAX_BYTES) -> AsyncIterator[bytes]:
    """The body piece by piece. Raises `PermanentFailure` TOO_LARGE as soon as it is, by header or by count."""
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    received = 0
    async for piece in response.aiter_bytes():
        received += len(piece)
        if received > max_bytes:
            raise _too_large(max_bytes)
        yield piece


def _too_large(max_bytes: int) -> PermanentFailure:
    return PermanentFailure(TranscriptionFailure.TOO_LARGE, f"more than {max_bytes // 1_000_000} MB")
