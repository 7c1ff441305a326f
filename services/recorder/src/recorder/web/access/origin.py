"""Requests that change something must come from our own pages, or from no browser at all (CSRF)."""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from recorder.web.access.identity import Client, Identity
from recorder.web.access.refusals import NotAllowed

FIELD = "csrf"
"""Of a form; scripts send the header instead."""
HEADER = "x-csrf-token"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def refuse_other_sites(request: Request, client: Client) -> None:
    """Raise `NotAllowed` when a browser says that another site's page sent this.

    Every browser of today says so, in Sec-Fetch-Site (where the connection is secure or local) or in Origin.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise NotAllowed("sent by a page of another site")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != client.host:
        raise NotAllowed("sent by a page of another origin")


async def refuse_forged(request: Request, identity: Identity) -> None:
    """Raise `NotAllowed` unless the request proves that one of our pages, or no browser, made it."""
    if identity.csrf is None:
        return
    refuse_other_sites(request, identity.client)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not identity.needs_csrf and kind == "application/json":
        return  # no form can send that, and another site's script has to ask first (CORS), which is never granted
    given = request.headers.get(HEADER)
    if given is None and kind in _FORMS:
        given = str((await request.form()).get(FIELD, ""))
    if not hmac.compare_digest((given or "").encode(), identity.csrf.encode()):
        raise NotAllowed(f"the {HEADER} header (or the form's {FIELD} field) is missing or wrong")
