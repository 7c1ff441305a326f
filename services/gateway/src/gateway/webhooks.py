"""The one path every webhook takes: read, verify, parse, publish, reply."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from types import coroutine
from typing import NamedTuple

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis import logs, tracing
from chassis.client_address import Address, Network, client_address
from chassis.encoding import Encoded
from chassis.failures import Unavailable
from chassis.http import WHOLE_ANSWER
from chassis.tracing import new_traceparent, trace_id
from gateway.edge.body import BodyIncomplete, BodyTooLarge, BodyTooSlow, Limits, read_body, whole_body
from gateway.edge.headers import Headers
from gateway.edge.request_log import Line, RequestLog
from gateway.edge.throttle import Throttle, Valve
from gateway.metrics import ANSWERED, BEING_ANSWERED, BELIEVED, REFUSED, TAKEN, WEBHOOK_SECONDS, WEBHOOKS
from gateway.providers.base import (
    Malformed,
    NotAuthentic,
    Provider,
    RawRequest,
    Reply,
    Stated,
    VerifiedRequest,
    Webhook,
)
from gateway.publishing.publisher import Durable

log = logs.get(__name__)

Publish = Callable[[Sequence[Encoded]], Awaitable[Durable]]


class Outcome(StrEnum):
    """What became of a webhook; also a metric's label."""

    __hash__ = str.__hash__  # an enumeration's own is written in Python, and takes longer than counting

    ACCEPTED = "accepted"
    """Its events are in the stream."""
    SPOOLED = "spooled"
    """Its events are on this machine's disk, and will be in the stream."""
    IGNORED = "ignored"
    """Authentic, and nothing to publish."""
    REFUSED = "refused"
    THROTTLED = "throttled"
    """Its sender failed too often, or is verified and sends more than we take."""
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    INCOMPLETE = "incomplete"
    UNAVAILABLE = "unavailable"
    """Neither NATS nor the disk took it in time; the provider should repeat it."""
    DEFECT = "defect"
    NO_SUCH_ROUTE = "no_such_route"
    UNANSWERED = "unanswered"
    """The gateway was stopped before it had an answer."""


class Result(NamedTuple):
    """An outcome with its answer, and what the request log says about it."""

    outcome: Outcome
    reply: Reply
    stated: tuple[Stated, ...] = ()
    detail: str | None = None
    retry_after: int = 0
    """Seconds; 0 says nothing about it."""
    closing: bool = False
    """The connection is closed after it."""

    def send(self, scope: Scope, send: Send) -> Awaitable[None]:
        """Answer."""
        if WHOLE_ANSWER in scope.get("extensions", ()) and not self.retry_after and not self.closing:
            return send(self.reply.whole)
        return self._in_parts(send)

    async def _in_parts(self, send: Send) -> None:
        reply = self.reply
        headers = [*reply.headers]
        headers += [(b"retry-after", str(self.retry_after).encode())] if self.retry_after else []
        headers += [(b"connection", b"close")] if self.closing else []
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


@dataclass(frozen=True)
class Edge:
    """What all webhooks share. `publish` returns when all events are durable, and raises otherwise."""

    publish: Publish
    requests: RequestLog
    trusted_proxies: tuple[Network, ...]
    limits: Limits
    throttle: Throttle
    now: Callable[[], datetime]

    def no_such_route(self, request: Request, status: int) -> Response:
        """404 and 405, in the same words as every other error answer; counted and logged without path and method.

        A provider that was told a wrong address shows up here.
        """
        phrase = HTTPStatus(status).phrase.lower()
        reply = error_reply(status, phrase.replace(" ", "_"), phrase)
        WEBHOOKS.labels("none", "none", Outcome.NO_SUCH_ROUTE).inc()
        client = client_of(request.scope, Headers(request.scope["headers"]), self.trusted_proxies)
        line = Line(None, None, Outcome.NO_SUCH_ROUTE, status, (), None, None, str(client) if client else None, 0, None)
        self.requests.write(line, self.now())
        return Response(reply.body, reply.status, media_type=reply.media_type)


def error_reply(status: int, code: str, message: str, field: str | None = None) -> Reply:
    """An error answer: small JSON, without anything the sender sent."""
    error = {"code": code, "message": message} | ({"field": field} if field else {})
    return Reply(status, "application/json", json.dumps({"error": error}).encode())


_FORBIDDEN = error_reply(403, "forbidden", "forbidden")
_UNAVAILABLE = error_reply(503, "unavailable", "the event could not be stored; send it again")
_DEFECT = error_reply(500, "internal", "internal error")
_OUTCOMES = {None: Outcome.IGNORED, Durable.STREAM: Outcome.ACCEPTED, Durable.SPOOL: Outcome.SPOOLED}
_TOO_MANY = error_reply(429, "too_many_requests", "too many requests; try again later")
_UNREAD = {
    BodyTooLarge: Result(Outcome.TOO_LARGE, error_reply(413, "too_large", "the body is too large"), closing=True),
    BodyTooSlow: Result(Outcome.TOO_SLOW, error_reply(408, "too_slow", "the body took too long"), closing=True),
    BodyIncomplete: Result(Outcome.INCOMPLETE, error_reply(400, "incomplete", "the body is incomplete"), closing=True),
}
_SERVER_ERROR = int(HTTPStatus.INTERNAL_SERVER_ERROR)
_UNANSWERED = Result(Outcome.UNANSWERED, Reply(0))
_FAILURES = frozenset({Outcome.REFUSED, Outcome.TOO_LARGE, Outcome.TOO_SLOW, Outcome.INCOMPLETE})
"""What counts against a client. A malformed webhook does not: its sender proved to be the provider."""


_LOST = (Outcome.UNAVAILABLE, Outcome.DEFECT, Outcome.UNANSWERED)


class Endpoint:
    """A provider's webhook, as an ASGI application. What can be made once is made before the first request comes."""

    def __init__(self, provider: Provider, webhook: Webhook, edge: Edge, valve: Valve) -> None:
        """`valve` is shared by all webhooks of the provider."""
        self.provider = provider
        self.webhook = webhook
        self.edge = edge
        self.valve = valve
        self._span_names = {method: f"{method} {webhook.path}" for method in webhook.methods}
        self._labels = provider.name, webhook.path
        WEBHOOK_SECONDS.labels(*self._labels)
        for outcome in _LOST:  # from 0 on: an alert would miss the first one
            WEBHOOKS.labels(*self._labels, outcome)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, count it, and write it down.

        A `traceparent` header is not read: no provider sends one, and anybody else could write into our traces with it.
        """
        BEING_ANSWERED.add("")
        try:
            with tracing.span(self._span_names[scope["method"]], "server", root=True) as span:
                result = await self._answer(scope, receive)
                status = result.reply.status
                span.set("http.response.status_code", status)
                if status >= _SERVER_ERROR:
                    span.fail(HTTPStatus(status).name.lower())
            await result.send(scope, send)
        finally:
            BEING_ANSWERED.add("", -1)

    async def _answer(self, scope: Scope, receive: Receive) -> Result:
        started, at = time.perf_counter(), self.edge.now()
        headers = Headers(scope["headers"])
        client, traceparent = client_of(scope, headers, self.edge.trusted_proxies), new_traceparent()
        wait = self.edge.throttle.wait(client)
        if wait and not self.provider.may_prove_itself(headers, client):
            return self._shut_out(wait)
        try:
            body = whole_body(scope, self.edge.limits)
            if body is None:
                body = await read_body(receive, self.edge.limits)
            verified = self.provider.verify(_raw(scope, headers, body, client, at, traceparent))
            BELIEVED.add((self.provider.name, verified.proof))
            await _the_others()
            result = await self._take(verified)
            result = result._replace(reply=self.webhook.reply, retry_after=0) if self.webhook.live else result
        except NotAuthentic as refused:
            REFUSED.labels(self.provider.name, refused.reason).inc()
            result = Result(Outcome.REFUSED, _FORBIDDEN, detail=str(refused))
        except (BodyTooLarge, BodyTooSlow, BodyIncomplete) as unread:
            result = _UNREAD[type(unread)]
        except asyncio.CancelledError:
            self._record(_UNANSWERED, client, at, traceparent, time.perf_counter() - started)
            raise
        if result.outcome in _FAILURES:
            if wait:
                return self._shut_out(wait)
            await self.edge.throttle.failed(client)
        self._record(result, client, at, traceparent, time.perf_counter() - started)
        return result

    def _shut_out(self, wait: int) -> Result:
        """Counted, but not written down: that the client is throttled was logged, and a flood must not fill the log."""
        WEBHOOKS.labels(self.provider.name, self.webhook.path, Outcome.THROTTLED).inc()
        return Result(Outcome.THROTTLED, _TOO_MANY, retry_after=wait, closing=True)

    async def _take(self, verified: VerifiedRequest) -> Result:
        wait = self.valve.wait()
        if wait:
            return Result(Outcome.THROTTLED, _TOO_MANY, detail="RATE_LIMIT_VERIFIED is used up", retry_after=wait)
        try:
            parsed = self.webhook.parse(verified)
            stated = parsed.stated
            await _the_others()
            durable = await self.edge.publish([each.encoded for each in stated]) if stated else None
        except Malformed as error:
            return _malformed(error.field, str(error))
        except ValidationError as error:
            return _invalid(error, self.webhook.names)
        except Unavailable as error:
            return Result(Outcome.UNAVAILABLE, _UNAVAILABLE, detail=str(error))
        except Exception as error:  # its words may be a patient's: only its kind is logged
            log.error("a defect in handling a webhook", route=self.webhook.path, kind=type(error).__name__)
            return Result(Outcome.DEFECT, _DEFECT, detail=type(error).__name__)
        return Result(_OUTCOMES[durable], self.webhook.reply, stated, parsed.ignored)

    def _record(self, result: Result, client: Address | None, at: datetime, traceparent: str, elapsed: float) -> None:
        provider, route, stated = self.provider.name, self.webhook.path, result.stated
        ANSWERED.add((provider, route, result.outcome))
        TAKEN.add(self._labels, elapsed)
        line = Line(  # without their names: matching ten of them would take longer than all the rest
            provider,
            route,
            result.outcome,
            result.reply.status or None,
            [each.encoded.id for each in stated],
            stated[0].about if stated else None,
            result.detail,
            _written_out(client) if client else None,
            elapsed * 1000,
            trace_id(traceparent),
        )
        self.edge.requests.write(line, at)


@coroutine
def _the_others() -> Generator[None, None, None]:
    """Let all webhooks that are here come as far as this one.

    They go through each stage one after the other, then, and find its code and data in the processor's caches, which
    are too small for a whole webhook: together they take an eighth of the time less. One that is alone loses a turn
    of the event loop, some microseconds.
    """
    yield  # which is `asyncio.sleep(0)` without a coroutine around it


def client_of(scope: Scope, headers: Headers, trusted_proxies: tuple[Network, ...]) -> Address | None:
    """Who sent a request, as far as that can be known."""
    peer = scope["client"][0] if scope["client"] else None
    forwarded_for = headers.get("x-forwarded-for") if trusted_proxies else None
    return client_address(peer, [forwarded_for] if forwarded_for else (), trusted_proxies)


_written_out = lru_cache(maxsize=4_096)(str)
"""An address as text: working it out takes longer than looking it up."""


def _invalid(error: ValidationError, names: Mapping[str, str]) -> Result:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "body"
    field = names.get(name, name)
    return _malformed(field, f"{field}: {first['msg']}")


def _malformed(field: str, message: str) -> Result:
    return Result(Outcome.MALFORMED, error_reply(400, "malformed", message, field), detail=message)


def _raw(
    scope: Scope, headers: Headers, body: bytes, client: Address | None, at: datetime, traceparent: str
) -> RawRequest:
    """Path and query as they were on the wire: what else a scope has is decoded."""
    path, query = scope["raw_path"].decode("utf-8", "replace"), scope["query_string"].decode("utf-8", "replace")
    return RawRequest(path, query, headers, body, client, at, traceparent)
