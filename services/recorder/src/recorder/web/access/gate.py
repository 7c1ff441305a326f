"""Every request passes here: a session's cookie, HTTP Basic (any name with the shared password), or a bearer token."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from chassis.client_address import Network
from recorder.database import Database
from recorder.web.access.checking import PasswordCheck, Verified
from recorder.web.access.client import client_of
from recorder.web.access.identity import Client, Identity
from recorder.web.access.origin import refuse_forged
from recorder.web.access.passwords import SharedPassword
from recorder.web.access.refusals import NoPassword, NotAllowed, NotSignedIn
from recorder.web.access.sessions import Sessions, csrf_token
from recorder.web.access.tokens import find_token

NOBODY_MAY = "DASHBOARD_PASSWORD is not set, and nobody was added with 'frontdesk user add': so nobody can sign in"
_NAME = re.compile(r"[^\x00-\x1f\x7f]{0,80}")


@dataclass(frozen=True)
class Gate:
    """Lets requests in, or says why not."""

    database: Database
    shared: SharedPassword | None
    passwords: PasswordCheck
    sessions: Sessions
    trusted_proxies: Sequence[Network]
    now: Callable[[], datetime]

    def client(self, request: Request) -> Client:
        """Where the request comes from."""
        return client_of(request, self.trusted_proxies)

    async def reader(self, request: Request) -> Identity:
        """Who asks. Raises `NotSignedIn`, `NoPassword`, `TooManyTries`, `Unavailable`."""
        client = self.client(request)
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._by_token(credentials.strip(), client)
        if scheme:
            return await self._by_basic(scheme, credentials, client)
        session = request.cookies.get(cookie_name(client))
        if session and (found := await self.sessions.find(session)):
            return Identity(found.name, _by(found), True, client, csrf_token(session))
        await self._refuse_without_passwords()
        raise NotSignedIn("sign in first" if session is None else "the session is over: sign in again", tried=False)

    async def writer(self, request: Request) -> Identity:
        """Who wants to change something. Raises also `NotAllowed`."""
        identity = await self.reader(request)
        if not identity.may_write:
            raise NotAllowed("this token may only read")
        await refuse_forged(request, identity)
        return identity

    async def sign_in(self, name: str, password: str, client: Client) -> tuple[str, Identity]:
        """Begin a session; gives its id and whose it is. Raises what `reader` raises."""
        verified = await self._verified(name.strip(), password.encode(), client)
        session = await self.sessions.begin(verified, client.address)
        return session, Identity(verified.name, _by(verified), True, client, csrf_token(session))

    async def sign_out(self, request: Request) -> None:
        """End the session of the request, if it has one."""
        if session := request.cookies.get(cookie_name(self.client(request))):
            await self.sessions.end(session)

    def keep(self, response: Response, session: str, client: Client) -> None:
        """Give the browser its session."""
        seconds = int(self.sessions.lifetime.whole.total_seconds())
        # Lax, so that a link in a notice to staff opens the page; what changes something needs a CSRF token anyway.
        response.set_cookie(
            cookie_name(client), session, max_age=seconds, path="/", secure=client.https, httponly=True, samesite="lax"
        )

    def forget(self, response: Response, client: Client) -> None:
        """Take the session from the browser."""
        response.delete_cookie(cookie_name(client), path="/", secure=client.https, httponly=True, samesite="lax")

    async def _by_basic(self, scheme: str, credentials: str, client: Client) -> Identity:
        name, password = basic_credentials(scheme, credentials)
        verified = await self._verified(name, password, client)
        csrf = csrf_token(credentials)  # a browser sends these by itself, like a cookie
        return Identity(verified.name, _by(verified), True, client, csrf, needs_csrf=False)

    async def _by_token(self, token: str, client: Client) -> Identity:
        self.passwords.refuse_guessing(client.address)
        found = await find_token(self.database, token, self.now)
        if found is None:
            self.passwords.token_failed(client.address)
            raise NotSignedIn("wrong token", tried=True)
        return Identity(found.name, "token", found.scope == "write", client, None)

    async def _verified(self, name: str, password: bytes, client: Client) -> Verified:
        if password and _NAME.fullmatch(name):
            verified = await self.passwords.check(name, password, client.address)
            if verified is not None:
                return verified
        await self._refuse_without_passwords()
        raise NotSignedIn("wrong password", tried=True)

    async def _refuse_without_passwords(self) -> None:
        if self.shared is None and not await self.database.call("list_staff_users"):
            raise NoPassword(NOBODY_MAY)


def cookie_name(client: Client) -> str:
    """Over https one that no other host, and no page without https, can set (RFC 6265bis, cookie name prefixes)."""
    return "__Host-frontdesk" if client.https else "frontdesk"


def basic_credentials(scheme: str, credentials: str) -> tuple[str, bytes]:
    """Name and password (RFC 7617); empty when there are none."""
    try:
        decoded = base64.b64decode(credentials, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        decoded = b""
    name, _, password = decoded.partition(b":")
    return name.decode(errors="replace"), password


def _by(verified: Verified) -> Literal["shared", "person"]:
    return "shared" if verified.shared else "person"
