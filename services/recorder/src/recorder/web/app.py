"""The recorder's port, wired: access, the JSON API, the page."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from recorder.web import login, problems
from recorder.web.api.caching import NotModified, answer_not_modified
from recorder.web.api.description import described
from recorder.web.api.router import router as api
from recorder.web.desk import Desk
from recorder.web.headers import Hardened
from recorder.web.pages import router as pages
from recorder.web.pages.live import Live


def web_app(desk: Desk, live: Live | None = None) -> ASGIApp:
    """The ASGI application of the recorder's port."""
    app = _routes()
    app.state.desk = desk
    pages.install(app, live or Live(desk.ask.latest_change))
    return Hardened(app, desk.gate.trusted_proxies)


def openapi() -> dict[str, Any]:
    """The API's description (OpenAPI 3.1)."""
    return described(_routes())


def _routes() -> FastAPI:
    app = FastAPI(
        title="Frontdesk recorder",
        version="1",
        summary="Calls, texts, recordings and what the front desk did with them.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    problems.install(app)
    app.add_exception_handler(NotModified, answer_not_modified)
    app.include_router(api)
    app.include_router(login.router)
    return app
