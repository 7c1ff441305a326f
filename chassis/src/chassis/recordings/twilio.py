"""Recordings of Twilio: files on the host of its REST API, behind basic auth.

Twilio docs, Recording resource: `GET {RecordingUrl}.wav` is the WAV file; `RequestedChannels=2` asks for both channels
and is answered 400 when there is only one; a recording that is not complete is answered 404.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import IO

import httpx

from chassis.recordings.download import answer, body
from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from contracts.recording import RecordingReadyData, TranscriptionFailure

_MAX_REDIRECTS = 3
_CHANNELS = {"RequestedChannels": "2"}


class TwilioFetcher:
    """A `Fetcher` that sends its credentials to `api_url`'s scheme, host and port, and to nobody else."""

    def __init__(self, client: httpx.AsyncClient, api_url: str, account_sid: str, auth_token: str) -> None:
        self._client = client
        self._origin = _origin(httpx.URL(api_url))
        self._auth = httpx.BasicAuth(account_sid, auth_token)

    async def fetch(self, recording: RecordingReadyData, into: IO[bytes]) -> None:
        """See `Fetcher.fetch`."""
        url = _wav(recording.recording_url)
        if recording.recording_channels == 2 and await self._fetched(url.copy_merge_params(_CHANNELS), into):
            return
        if not await self._fetched(url, into):
            raise TemporaryFailure(TranscriptionFailure.UNAVAILABLE, "Twilio answered 400")

    @asynccontextmanager
    async def opened(self, recording_url: str | None, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """The answer with the WAV file, both sides mixed, to be read inside the block.

        `headers` may hold a `Range`: then it is 206, or 416 when there is nothing. Raises what `fetch` raises.
        """
        as_is = {"Accept-Encoding": "identity", **headers}  # a range counts bytes of the file
        async with self._followed(_wav(recording_url), as_is) as response:
            if response.status_code not in {206, 416}:
                _check(response)
            yield response

    async def _fetched(self, url: httpx.URL, into: IO[bytes]) -> bool:
        """False when Twilio refused the parameters."""
        async with self._followed(url, {}) as response:
            if response.status_code == 400:
                return False
            _check(response)
            async for piece in body(response):
                into.write(piece)
        return True

    @asynccontextmanager
    async def _followed(self, url: httpx.URL, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """The answer after redirects, of which every one must stay on our host."""
        for _ in range(_MAX_REDIRECTS + 1):
            self._trust(url)
            request = self._client.build_request("GET", url, headers=headers)
            async with answer(self._client, request, self._auth) as response:
                if response.next_request is None:
                    yield response
                    return
                url = response.next_request.url
        raise TemporaryFailure(TranscriptionFailure.UNAVAILABLE, "too many redirects")

    def _trust(self, url: httpx.URL) -> None:
        if _origin(url) != self._origin or url.userinfo:
            raise PermanentFailure(TranscriptionFailure.UNTRUSTED_HOST, f"not on {self._origin[1]}")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _wav(recording_url: str | None) -> httpx.URL:
    """The address of the WAV file: the one Twilio names comes without an extension."""
    try:
        url = httpx.URL(recording_url or "")
    except httpx.InvalidURL as error:
        raise PermanentFailure(TranscriptionFailure.UNTRUSTED_HOST, "its address is no URL") from error
    path = url.path if url.path.endswith((".wav", ".mp3")) else f"{url.path}.wav"
    return url.copy_with(path=path)


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status in {401, 403}:
        raise PermanentFailure(TranscriptionFailure.FORBIDDEN, f"Twilio answered {status}")
    if status in {404, 410}:
        raise TemporaryFailure(TranscriptionFailure.NOT_FOUND, f"Twilio answered {status}")
    if status != 200:
        raise TemporaryFailure(TranscriptionFailure.UNAVAILABLE, f"Twilio answered {status}")
    if response.headers.get("content-type", "").startswith("text/html"):
        raise PermanentFailure(TranscriptionFailure.NOT_AUDIO, "a web page")
