"""What a page says when it cannot be shown: in words, as a page, with a way on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from chassis import logs
from chassis.failures import Refused, Unavailable
from recorder.web.access.refusals import NoPassword, NotAllowed, NotSignedIn, TooManyTries
from recorder.web.pages.rendering import FRAGMENT, Frame, page
from recorder.web.problems import NotFound, challenge
from recorder.web.reading.cursors import BadCursor

log = logs.get(__name__)

AWAY = "The database cannot be reached. Calls and texts are still taken and answered; nothing is lost."


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """See `APIRoute`."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as error:
                return _sign_in(request, error)
            except tuple(_PAGES) as error:
                return _page_of(request, error)

        return shown


def _sign_in(request: Request, error: NotSignedIn) -> Response:
    """Browsers are shown the form; whoever sent credentials, or asks for no page, is told that they are wrong."""
    if error.tried or "text/html" not in request.headers.get("accept", ""):
        return problem_page(request, 401, "Not signed in", str(error), headers=challenge(request))
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if FRAGMENT in request.headers:
        return problem_page(request, 401, "Signed out", "You were signed out.")
    return RedirectResponse(f"/login?{urlencode({'next': here if request.method == 'GET' else '/'})}", 303)


def _page_of(request: Request, error: Exception) -> Response:
    status, title, text, detail = next(
        (status, title, text, str(error) if detailed else "")
        for kind, (status, title, text, detailed) in _PAGES.items()
        if isinstance(error, kind)
    )
    headers = {"Retry-After": str(getattr(error, "seconds", 5))} if status in (429, 503) else {}
    if status == 503:
        log.warning("a page could not be shown", error=str(error))
    return problem_page(request, status, title, text, detail, headers)


def problem_page(
    request: Request, status: int, title: str, text: str, detail: str = "", headers: dict[str, str] | None = None
) -> Response:
    """A page that says what is wrong."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    again, link = (here, "Try again") if status >= 500 and request.method == "GET" else ("/", "To the front desk")
    frame = Frame(title, "", None, fragment=FRAGMENT in request.headers)
    response = page(
        "problem.html", frame, status, text=text, detail=detail, tone="warn", again=again, link=link,
    )  # fmt: skip
    response.headers.update(headers or {})
    return response


_PAGES: dict[type[Exception], tuple[int, str, str, bool]] = {
    Unavailable: (503, "The database is away", AWAY, True),
    NoPassword: (503, "Not set up yet", "Nobody can sign in yet.", True),
    TooManyTries: (429, "Too many tries", "Wrong passwords came too often.", True),
    NotAllowed: (403, "Not allowed", "This form is too old, or came from somewhere else. Load the page again.", True),
    NotFound: (404, "Not found", "There is no such page.", True),
    BadCursor: (400, "Not found", "This part of the list is not there any more.", False),
    Refused: (400, "Not found", "There is no such page.", False),
    RequestValidationError: (400, "Not found", "The address does not make sense.", False),
}
"""Status, title, text, and whether the error's own words are shown."""
