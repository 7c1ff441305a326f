"""Recordings of VoIP.ms: base64 in an answer of its API; there is no address to download from.

VoIP.ms API docs, getCallRecording: `account` and `callrecording` give `base64file`, an MP3. Every answer is HTTP 200,
errors too: `status` says which. A form-encoded POST reaches the SOAP handler and a GET would put the password into
logs, so requests are multipart.
"""

import asyncio
import base64
import binascii
import json
import re
from typing import IO, Any

import httpx

from chassis.failures import Unavailable
from chassis.recordings.download import answer, body
from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from contracts.recording import RecordingReadyData, TranscriptionFailure

MAX_BYTES = 64 * 1000 * 1000
"""Of an answer, which is held in memory: two hours of MP3 at 32 kbit/s are 39 MB in base64."""

_NOT_THERE = frozenset({"no_recording", "invalid_callrecording", "no_base64file"})
_REFUSED = frozenset({"invalid_credentials", "missing_credentials", "api_not_enabled", "ip_not_enabled"})
_BUSY = frozenset({"api_limit_exceeded", "method_maintenance"})


class VoipmsFetcher:
    """A `Fetcher` that asks `api_url`, whatever address a recording's event names."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        api_url: str,
        username: str,
        password: str,
        account: str,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """`account` is asked for recordings whose event names none."""
        self._client = client
        self._api_url = api_url
        self._credentials = {"api_username": username, "api_password": password}
        self._account = account
        self._max_bytes = max_bytes

    async def fetch(self, recording: RecordingReadyData, into: IO[bytes]) -> None:
        """See `Fetcher.fetch`."""
        fields = {
            **self._credentials,
            "method": "getCallRecording",
            "content_type": "json",
            "account": recording.metadata.get("account") or self._account,
            "callrecording": recording.recording_sid,
        }
        into.write(await asyncio.to_thread(_audio, await self._ask(fields)))

    async def _ask(self, fields: dict[str, str]) -> bytes:
        parts = {name: (None, value) for name, value in fields.items()}
        request = self._client.build_request("POST", self._api_url, files=parts)
        async with answer(self._client, request) as response:
            if response.status_code != 200:
                raise _not_delivered(f"VoIP.ms answered {response.status_code}")
            return b"".join([piece async for piece in body(response, self._max_bytes)])


def _audio(content: bytes) -> bytes:
    """The MP3 in an answer."""
    try:
        said = json.loads(content)
    except ValueError as error:
        raise _not_delivered("VoIP.ms answered something else than JSON") from error
    status, encoded = (said.get("status"), said.get("base64file")) if isinstance(said, dict) else (None, None)
    if status != "success":
        raise _failure(status)
    if not isinstance(encoded, str):
        raise _not_delivered("VoIP.ms answered without a file")
    compact = "".join(encoded.split())
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except binascii.Error as error:
        raise PermanentFailure(TranscriptionFailure.NOT_AUDIO, "not base64") from error


def _failure(status: Any) -> Exception:
    word = status if isinstance(status, str) and re.fullmatch(r"[a-z0-9_]{1,64}", status) else "no status"
    detail = f"VoIP.ms answered {word}"
    if word in _NOT_THERE:
        return TemporaryFailure(TranscriptionFailure.NOT_FOUND, detail)
    if word in _REFUSED:
        return PermanentFailure(TranscriptionFailure.FORBIDDEN, detail)
    if word in _BUSY:
        return Unavailable(detail)
    return _not_delivered(detail)


def _not_delivered(detail: str) -> TemporaryFailure:
    return TemporaryFailure(TranscriptionFailure.UNAVAILABLE, detail)
