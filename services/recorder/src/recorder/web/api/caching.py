"""ETags from one cheap question: when nothing that is shown has changed, nothing is read again."""

import json
from hashlib import sha256
from typing import Any

from fastapi import Depends, Request, Response

from recorder.web.desk import AtDesk


class NotModified(Exception):
    """The client has the newest answer."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def cacheable(etag: str) -> dict[str, str]:
    """Headers of an answer that its client may keep, and must ask about before it is shown again."""
    return {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}


async def unchanged(request: Request, response: Response, desk: AtDesk) -> None:
    """Raise `NotModified` when the client has the newest answer. Asked before anything else is: a change meanwhile
    makes the answer newer than its ETag, never older.
    """
    # With the hour: what is asked of the last days changes without any event.
    seen = json.dumps([f"{desk.now():%Y-%m-%d %H}", await desk.ask.latest_change()], sort_keys=True)
    etag = f'W/"{sha256(seen.encode()).hexdigest()[:24]}"'
    given = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if etag.removeprefix("W/") in given or "*" in given:
        raise NotModified(etag)
    response.headers.update(cacheable(etag))


async def answer_not_modified(_: Request, error: Any) -> Response:
    """304."""
    return Response(None, 304, cacheable(error.etag))


Unchanged = Depends(unchanged)
