"""Signing in and out: plain forms, which work without scripts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from recorder.web.access.origin import refuse_other_sites
from recorder.web.access.redirecting import local
from recorder.web.access.refusals import NoPassword, NotSignedIn, TooManyTries
from recorder.web.desk import AtDesk, Writer
from recorder.web.pages.rendering import Frame, page

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def form(next: str = "/") -> Response:  # noqa: A002 - the parameter's name in addresses
    """The form."""
    return _page(local(next), "")


@router.post("/login")
async def sign_in(
    request: Request,
    desk: AtDesk,
    password: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the field's name in the form
) -> Response:
    """Begin a session. Nobody is signed in yet, so there is no token: other sites' forms are told by their origin."""
    client = desk.gate.client(request)
    refuse_other_sites(request, client)
    try:
        session, identity = await desk.gate.sign_in(name, password, client)
    except NotSignedIn as error:
        return _page(local(next), str(error), 401)
    except TooManyTries as error:
        return _page(local(next), str(error), 429, {"Retry-After": str(error.seconds)})
    except NoPassword as error:
        return _page(local(next), str(error), 503)
    await desk.gate.sign_out(request)
    await desk.audit.note_session(identity, "signed in")
    response = RedirectResponse(local(next), 303)
    desk.gate.keep(response, session, client)
    return response


@router.post("/logout")
async def sign_out(request: Request, desk: AtDesk, identity: Writer) -> Response:
    """End the session."""
    await desk.gate.sign_out(request)
    await desk.audit.note_session(identity, "signed out")
    response = RedirectResponse("/login", 303)
    desk.gate.forget(response, identity.client)
    return response


def _page(path: str, wrong: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    response = page("login.html", Frame("Sign in", "", None), status, wrong=wrong, next=path)
    response.headers.update(headers or {})
    return response
