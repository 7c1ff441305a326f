"""All pages together, their static files, and the line for news."""

from fastapi import FastAPI, Request, Response
from starlette.responses import StreamingResponse

from recorder.web.desk import Reader
from recorder.web.pages import doing, finding, reading
from recorder.web.pages.live import Live, TooManyListeners
from recorder.web.pages.rendering import Static, static_root
from recorder.web.problems import problem


def install(app: FastAPI, live: Live) -> None:
    """Add the pages to the recorder's application."""
    for part in (finding, reading, doing):
        app.include_router(part.router)
    app.state.live = live
    app.get("/live", include_in_schema=False)(_listen)
    app.mount(static_root(), Static(), name="static")


async def _listen(request: Request, _: Reader) -> Response:
    """Server-sent events: says when something that is shown has changed."""
    live: Live = request.app.state.live
    try:
        events = await live.listen()
    except TooManyListeners:
        return problem(503, "too many pages are open", {"Retry-After": "30"})
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
