"""A webhook's route as an application: at once when the request is complete, and otherwise as ASGI has it."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis import tracing
from chassis.http import Answer
from gateway.edge.body import BodyIncomplete, BodyTooLarge, BodyTooSlow, read_body
from gateway.edge.headers import Headers
from gateway.edge.request_log import Line
from gateway.exchange import Edge, Exchange, Route
from gateway.metrics import WEBHOOK_SECONDS, WEBHOOKS
from gateway.outcomes import LOST, UNREAD, Outcome, Result, error_reply
from gateway.together import Together

_SERVER_ERROR = int(HTTPStatus.INTERNAL_SERVER_ERROR)


class Endpoint:
    """Where a provider's webhook arrives. What can be made once is made before the first request comes."""

    def __init__(self, route: Route, together: Together) -> None:
        self._route = route
        self._together = together
        self._limits = route.edge.limits
        self._span_names = {method: f"{method} {route.webhook.path}" for method in route.webhook.methods}
        labels = route.provider.name, route.webhook.path
        WEBHOOK_SECONDS.labels(*labels)
        for outcome in LOST:  # from 0 on: an alert would miss the first one
            WEBHOOKS.labels(*labels, outcome)

    def at_once(self, scope: Scope, body: bytes, answer: Callable[[Answer], None]) -> bool:
        """Take a request that is complete; see `chassis.http.AtOnce`. Spans are for `__call__`, and large bodies."""
        if tracing.is_on() or len(body) > self._limits.size:
            return False
        exchange = Exchange(self._route, scope, lambda result: answer(result.answer))
        self._together.add(exchange, exchange.raw(scope, body))
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request over ASGI.

        A `traceparent` header is not read: no provider sends one, and anybody else could write into our traces with it.
        """
        with tracing.span(self._span_names[scope["method"]], "server", root=True) as span:
            result = await self._result(scope, receive)
            status = result.reply.status
            span.set("http.response.status_code", status)
            if status >= _SERVER_ERROR:
                span.fail(HTTPStatus(status).name.lower())
        await result.send(send)

    async def _result(self, scope: Scope, receive: Receive) -> Result:
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        exchange = Exchange(self._route, scope, result.set_result)
        try:
            if not exchange.shut_out():
                await self._read(exchange, scope, receive)
            return await result
        finally:
            exchange.abandon()  # if it is not over

    async def _read(self, exchange: Exchange, scope: Scope, receive: Receive) -> None:
        try:
            body = await read_body(receive, self._limits)
            self._together.add(exchange, exchange.raw(scope, body))
        except (BodyTooLarge, BodyTooSlow, BodyIncomplete) as unread:
            exchange.unread(UNREAD[type(unread)])
        except Exception as error:
            exchange.fail(error)


def no_such_route(edge: Edge, request: Request, status: int) -> Response:
    """404 and 405, in the same words as every other error answer; counted and logged without path and method.

    A provider that was told a wrong address shows up here.
    """
    phrase = HTTPStatus(status).phrase.lower()
    reply = error_reply(status, phrase.replace(" ", "_"), phrase)
    WEBHOOKS.labels("none", "none", Outcome.NO_SUCH_ROUTE).inc()
    client = edge.client_of(request.scope, Headers(request.scope["headers"]))
    line = Line(None, None, Outcome.NO_SUCH_ROUTE, status, (), None, None, str(client) if client else None, 0, None)
    edge.requests.write(line, edge.now())
    return Response(reply.body, reply.status, media_type=reply.media_type)
