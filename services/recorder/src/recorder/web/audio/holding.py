"""Recordings of VoIP.ms: they come whole and in base64, so they are kept for a while to answer ranges from."""

import asyncio
import io
import time
from collections import OrderedDict
from collections.abc import AsyncIterator

from chassis.recordings.port import Fetcher
from contracts.recording import RecordingReadyData
from recorder.web.audio.ranges import Asked
from recorder.web.audio.sound import NoSuchPart, Sound

KEPT_BYTES = 24_000_000
"""Of all together; at 32 kbit/s that is 100 minutes."""
MOST_ANSWERED = 24_000_000
"""Bytes of one answer: while it is decoded it is in memory several times."""
_KEPT_SECONDS = 600.0
_CONTENT_TYPE = "audio/mpeg"
_PIECE = 65_536


class Holding:
    """The recordings somebody listens to, in memory; the least recently heard goes first."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def sound(self, fetcher: Fetcher, recording: RecordingReadyData, part: Asked | None) -> Sound:
        """The sound. Raises `NoSuchPart` and what the fetcher raises."""
        content = await self._content(fetcher, recording)
        if part is None:
            return Sound(_CONTENT_TYPE, len(content), None, _pieces(content))
        wanted = part.of(len(content))
        if wanted is None:
            raise NoSuchPart(len(content))
        cut = content[wanted.first : wanted.end]
        return Sound(_CONTENT_TYPE, len(cut), wanted, _pieces(cut))

    async def _content(self, fetcher: Fetcher, recording: RecordingReadyData) -> bytes:
        async with self._one_at_a_time:
            self._let_go(0)
            held = self._held.pop(recording.recording_sid, None)
            content = held[0] if held else await _fetched(fetcher, recording)
            self._let_go(len(content))
            self._held[recording.recording_sid] = content, time.monotonic()
            return content

    def _let_go(self, room: int) -> None:
        """Forget what nobody hears any more, and more until there is room for so many bytes."""
        now = time.monotonic()
        for sid in [sid for sid, (_, heard) in self._held.items() if now - heard > _KEPT_SECONDS]:
            del self._held[sid]
        while self._held and room + sum(len(content) for content, _ in self._held.values()) > KEPT_BYTES:
            self._held.popitem(last=False)


async def _fetched(fetcher: Fetcher, recording: RecordingReadyData) -> bytes:
    file = io.BytesIO()
    await fetcher.fetch(recording, file)
    return file.getvalue()


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]
