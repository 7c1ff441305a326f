"""Errors as JSON that says what is wrong (RFC 9457), whoever asks and whatever it was."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from chassis import logs
from chassis.failures import Refused, Unavailable
from recorder.web.access.refusals import NoPassword, NotAllowed, NotSignedIn, TooManyTries
from recorder.web.api.description import MEDIA_TYPE
from recorder.web.audio.sound import NoSuchPart, NotPlayable
from recorder.web.reading.cursors import BadCursor
from recorder.web.reading.questions import TooLong

log = logs.get(__name__)

Answer = Callable[[Request, Any], Awaitable[Response]]


class NotFound(Exception):
    """There is no such thing; the text says what."""


def wants_page(request: Request) -> bool:
    """Whether a person sits there: a browser that opens a page, not a script or a program that asks the API."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """An answer that says what is wrong."""
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(said, status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the API so."""
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)


def challenge(request: Request) -> dict[str, str]:
    """How to sign in. A browser's script is not told of Basic, or the browser would ask for a password by itself."""
    if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return {"WWW-Authenticate": 'Bearer realm="Front desk"'}
    return {"WWW-Authenticate": 'Basic realm="Front desk", charset="UTF-8"'}


async def _not_signed_in(request: Request, error: NotSignedIn) -> Response:
    if wants_page(request) and not error.tried:
        here = str(request.url.replace(scheme="", netloc="")) if request.method == "GET" else "/"
        return RedirectResponse(f"/login?{urlencode({'next': here})}", 303)
    return problem(401, str(error), challenge(request))


async def _no_password(_: Request, error: NoPassword) -> Response:
    return problem(503, str(error))


async def _too_many_tries(_: Request, error: TooManyTries) -> Response:
    return problem(429, str(error), {"Retry-After": str(error.seconds)})


async def _not_allowed(_: Request, error: NotAllowed) -> Response:
    return problem(403, str(error))


async def _away(_: Request, error: Unavailable) -> Response:
    return problem(503, str(error), {"Retry-After": "5"})


async def _refused(_: Request, error: Refused) -> Response:
    return problem(400, str(error))


async def _bad_cursor(_: Request, error: BadCursor) -> Response:
    return problem(400, str(error))


async def _too_long(_: Request, error: TooLong) -> Response:
    said = str(error)
    return problem(422, f"granularity: {said}", errors=[{"in": "query", "name": "granularity", "wrong": said}])


async def _not_found(_: Request, error: NotFound) -> Response:
    return problem(404, str(error))


async def _not_playable(_: Request, error: NotPlayable) -> Response:
    return problem(error.status, str(error))


async def _no_such_part(_: Request, error: NoSuchPart) -> Response:
    size = "*" if error.size is None else error.size
    return problem(416, str(error), {"Content-Range": f"bytes */{size}"})


async def _invalid(_: Request, error: RequestValidationError) -> Response:
    """Names what is wrong with which parameter; what was given is not repeated."""
    places = [(str(each["loc"][0]), ".".join(map(str, each["loc"][1:])), each["msg"]) for each in error.errors()]
    wrong = [{"in": place, "name": name, "wrong": message} for place, name, message in places]
    return problem(422, "; ".join(f"{name}: {message}" for _, name, message in places), errors=wrong)


async def _http(_: Request, error: HTTPException) -> Response:
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _unexpected(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return problem(500, "something went wrong here; the log says what")


_ANSWERS: dict[type[Exception], Answer] = {
    NotSignedIn: _not_signed_in,
    NoPassword: _no_password,
    TooManyTries: _too_many_tries,
    NotAllowed: _not_allowed,
    Unavailable: _away,
    Refused: _refused,
    BadCursor: _bad_cursor,
    TooLong: _too_long,
    NotFound: _not_found,
    NotPlayable: _not_playable,
    NoSuchPart: _no_such_part,
    RequestValidationError: _invalid,
    HTTPException: _http,
    Exception: _unexpected,
}
