"""Open connections of our server, so that a fault can cut one without an answer."""

import asyncio
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Cut = Callable[[Scope], None]
"""Breaks the connection that a request came in on."""


class Connections:
    """Connections by the client's address."""

    def __init__(self) -> None:
        self._open: dict[object, asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's protocol, registering its connections here."""
        registered = self._open

        class RegisteredProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
                super().connection_made(transport)
                registered[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                registered.pop(self.client, None)

        return RegisteredProtocol

    def cut(self, scope: Scope) -> None:
        """Break the connection of this request."""
        transport = self._open.get(scope["client"])
        if transport is not None:
            transport.abort()


class CutResponse(Response):
    """No answer at all: the client sees a broken connection."""

    def __init__(self, cut: Cut) -> None:
        super().__init__()
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut, and return once the server has noticed: before, it would answer with an error itself."""
        self._cut(scope)
        while (await receive())["type"] != "http.disconnect":
            pass
