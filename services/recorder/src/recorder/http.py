"""The page and its JSON API, behind one password."""

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import SecretStr

from chassis.failures import Unavailable
from recorder import page
from recorder.database import Database, Row

Limit = Annotated[int, Query(ge=1, le=500, description="How many rows, newest first")]

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": page.CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def web_app(database: Database, password: SecretStr | None) -> FastAPI:
    """The ASGI application of the recorder's port. Without a password it serves nothing."""
    app = FastAPI(
        title="Frontdesk recorder", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[_guard(password)]
    )

    @app.get("/")
    async def show() -> HTMLResponse:
        return HTMLResponse(
            page.render(
                await database.call("recent_calls", how_many=50), await database.call("recent_messages", how_many=50)
            )
        )

    @app.get("/api/calls")
    async def calls(limit: Limit = 50) -> dict[str, list[Row]]:
        return {"calls": await database.call("recent_calls", how_many=limit)}

    @app.get("/api/messages")
    async def messages(limit: Limit = 50) -> dict[str, list[Row]]:
        return {"messages": await database.call("recent_messages", how_many=limit)}

    @app.exception_handler(Unavailable)
    async def away(_: Request, error: Unavailable) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 503, {"Retry-After": "5"})

    @app.middleware("http")
    async def harden(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers.update(_HEADERS)
        return response

    return app


def _guard(password: SecretStr | None) -> Any:
    async def check(request: Request) -> None:
        if password is None:
            raise HTTPException(503, "DASHBOARD_PASSWORD is not set: set one to see calls and messages here")
        given = _given_password(request.headers.get("authorization", ""))
        if not secrets.compare_digest(given, password.get_secret_value().encode()):
            raise HTTPException(
                401, "wrong password", {"WWW-Authenticate": 'Basic realm="Front desk", charset="UTF-8"'}
            )

    return Depends(check)


def _given_password(authorization: str) -> bytes:
    """The password of HTTP Basic credentials (RFC 7617), with any user name; empty when there is none."""
    scheme, _, credentials = authorization.partition(" ")
    try:
        decoded = base64.b64decode(credentials, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""
    return decoded.partition(b":")[2]
