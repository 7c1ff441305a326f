"""Templates and static files: what is needed to turn a view into a page."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from recorder.web.access.identity import Identity

_HERE = Path(__file__).parent.parent
_STATIC = _HERE / "static"

NAVIGATION = (
    ("Today", "/", "inbox"),
    ("Conversations", "/conversations", "messages-square"),
    ("Calls", "/calls", "phone"),
    ("Analytics", "/analytics", "chart-column"),
    ("Search", "/search", "search"),
)

FRAGMENT = "X-Frontdesk-Fragment"
"""Header of a request that wants a page's contents only, to refresh it."""


@dataclass(frozen=True)
class Frame:
    """What is around a view."""

    title: str
    section: str
    """Address of the entry in the navigation."""
    identity: Identity | None
    fragment: bool = False


def page(template: str, frame: Frame, status: int = 200, **context: Any) -> HTMLResponse:
    """A page, or its contents only; what the context names is escaped wherever it is shown."""
    layout = "fragment.html" if frame.fragment else "base.html" if frame.identity else "outside.html"
    html = (
        _environment()
        .get_template(template)
        .render(
            layout=layout,
            title=frame.title,
            section=frame.section,
            identity=frame.identity,
            navigation=NAVIGATION,
            **{"did": None, **context},
        )
    )
    return HTMLResponse(html, status, {"Vary": f"Cookie, Authorization, {FRAGMENT}"})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = lambda path: f"{static_root()}/{path}"
    return environment


@cache
def static_root() -> str:
    """Where the static files of this version lie: another version has another address, so they may be kept for ever."""
    digest = sha256()
    for file in sorted(_STATIC.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(_STATIC).as_posix().encode() + b"\0" + file.read_bytes())
    return f"/static/{digest.hexdigest()[:16]}"


class Static(StaticFiles):
    """The static files, for whoever asks: there is nothing of a patient in them."""

    def __init__(self) -> None:
        super().__init__(directory=_STATIC)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def kept(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206, 304):
                message["headers"] = [*message["headers"], (b"cache-control", b"public, max-age=31536000, immutable")]
            await send(message)

        await super().__call__(scope, receive, kept)
