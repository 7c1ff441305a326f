"""The way past the framework for requests that are exactly a webhook."""

from collections.abc import Awaitable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut:
    """One look into a dictionary in front of FastAPI, which would try its routes one after the other.

    FastAPI has the same routes, and answers everything else: other paths, other methods.
    """

    def __init__(self, webhooks: Mapping[tuple[str, str], ASGIApp], otherwise: ASGIApp) -> None:
        """`webhooks` by method and path."""
        self._webhooks = webhooks
        self._otherwise = otherwise

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass it on: a coroutine of its own would be one more to wake with every PubAck."""
        webhook = self._webhooks.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        return (webhook or self._otherwise)(scope, receive, send)
