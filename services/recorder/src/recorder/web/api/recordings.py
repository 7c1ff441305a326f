"""Recordings, played through us."""

from hashlib import sha256

from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send

from recorder.database import Row
from recorder.web.api.caching import NotModified, cacheable
from recorder.web.api.description import says
from recorder.web.api.parameters import Provider, Sid
from recorder.web.audio.player import Player
from recorder.web.audio.ranges import asked
from recorder.web.audio.sound import Sound
from recorder.web.desk import AtDesk, Reader
from recorder.web.problems import NotFound

router = APIRouter(prefix="/recordings", tags=["recordings"])

_AUDIO: dict[str, object] = {"audio/wav": {}, "audio/mpeg": {}}
_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {"description": "The whole recording", "content": _AUDIO},
    206: {"description": "The part of it that was asked for", "content": _AUDIO},
    404: says("Not known, or the provider has it no more"),
    416: says("The range lies outside of it"),
    502: says("The provider does not give it"),
    503: says("The database is away, or a setting is missing, which the answer names"),
}


@router.head("/{provider}/{recording_sid:path}/audio", include_in_schema=False)
@router.get("/{provider}/{recording_sid:path}/audio", response_class=Response, responses=_ANSWERS)
async def audio(provider: Provider, recording_sid: Sid, request: Request, desk: AtDesk, identity: Reader) -> Response:
    """The sound of a recording; takes Range, If-Range and If-None-Match."""
    recording = await desk.ask.recording_row(provider, recording_sid)
    if recording is None:
        raise NotFound("no such recording")
    etag = f'"{sha256(f"{provider}/{recording_sid}".encode()).hexdigest()[:24]}"'  # what was recorded never changes
    if etag in request.headers.get("if-none-match", ""):
        raise NotModified(etag)
    if request.method == "GET":
        await desk.audit.note_once(identity, "played", "recording", f"{provider}/{recording_sid}")
    return Audio(desk.player, recording, request, etag)


class Audio(Response):
    """Opens the recording when it is sent, and closes it when the listener goes."""

    def __init__(self, player: Player, recording: Row, request: Request, etag: str) -> None:
        super().__init__()
        self._player = player
        self._recording = recording
        self._request = request
        self._etag = etag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        fresh = self._request.headers.get("if-range", self._etag) == self._etag
        part = asked(self._request.headers.get("range")) if fresh and scope["method"] == "GET" else None
        async with self._player.opened(self._recording, part) as sound:
            head = Response(None, 206 if sound.part else 200, self._described(sound), sound.content_type)
            head.headers.update({} if sound.size is None else {"Content-Length": str(sound.size)})
            await send({"type": "http.response.start", "status": head.status_code, "headers": head.raw_headers})
            if scope["method"] == "GET":
                async for piece in sound.pieces:
                    if await self._request.is_disconnected():
                        return
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _described(self, sound: Sound) -> dict[str, str]:
        part = {"Content-Range": sound.part.header} if sound.part else {}
        return {**cacheable(self._etag), "Accept-Ranges": "bytes", "Content-Disposition": "inline", **part}
