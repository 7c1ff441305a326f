"""The way past the framework for requests that are exactly a webhook."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.http import Answer
from gateway.webhooks import Endpoint


class Shortcut:
    """One look into a dictionary in front of FastAPI, which would try its routes one after the other.

    FastAPI has the same routes, and answers everything else: other paths, other methods.
    """

    def __init__(self, webhooks: Mapping[tuple[str, str], Endpoint], otherwise: ASGIApp) -> None:
        """`webhooks` by method and path."""
        self._webhooks = webhooks
        self._otherwise = otherwise

    def at_once(self, scope: Scope, body: bytes, answer: Callable[[Answer], None]) -> bool:
        """Take a webhook that is complete; see `chassis.http.AtOnce`."""
        webhook = self._webhooks.get((scope["method"], scope["path"]))
        return webhook is not None and webhook.at_once(scope, body, answer)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass it on."""
        webhook = self._webhooks.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        return (webhook or self._otherwise)(scope, receive, send)
