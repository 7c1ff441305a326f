"""Headers that every answer carries, and how large a request may be. Plain ASGI: streams pass through as they are."""

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.client_address import Network
from recorder.web.access.client import client_of
from recorder.web.problems import problem

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Only files of our own; nothing inline, so that markup that got into a page could not do anything."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Unless a route says otherwise."""

_HTTPS_ONLY = "max-age=31536000"

MAX_BODY = 65_536
"""Bytes of a request: a note, a form."""


class Hardened:
    """The application, hardened."""

    def __init__(self, app: ASGIApp, trusted_proxies: Sequence[Network] = ()) -> None:
        self._app = app
        self._trusted = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        https = client_of(connection, self._trusted).https

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if https:
                    headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
            await send(message)

        refusal = _refusal(connection)
        await (refusal or self._app)(scope, receive, hardened)


def _refusal(connection: HTTPConnection) -> ASGIApp | None:
    """The answer to a request that is too large, or that does not say how large it is, as every browser does."""
    if "transfer-encoding" in connection.headers:
        return problem(411, "a request must say how long it is")
    length = connection.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        return problem(413, f"a request may have {MAX_BODY} bytes")
    return None
