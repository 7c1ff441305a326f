"""The one path every webhook takes: read, verify, parse, publish, reply."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from chassis import logs
from chassis.bus import PublishRejected
from chassis.failures import Unavailable
from chassis.tracing import new_traceparent, trace_id
from contracts.registry import AnyEvent
from gateway.edge.body import BodyIncomplete, BodyTooLarge, BodyTooSlow, Limits, read_body
from gateway.edge.client_address import Address, Network, client_address
from gateway.edge.request_log import Line, RequestLog
from gateway.metrics import WEBHOOK_SECONDS, WEBHOOKS
from gateway.providers.base import Malformed, NotAuthentic, Provider, RawRequest, Reply, VerifiedRequest, Webhook

log = logs.get(__name__)


class Outcome(StrEnum):
    """What became of a webhook; also a metric's label."""

    ACCEPTED = "accepted"
    """Its events are stored."""
    IGNORED = "ignored"
    """Authentic, and nothing to publish."""
    REFUSED = "refused"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    INCOMPLETE = "incomplete"
    UNAVAILABLE = "unavailable"
    """No PubAck in time; the provider should repeat it."""
    REJECTED = "rejected"
    """The bus will not take the event: an operator must look."""
    DEFECT = "defect"


@dataclass(frozen=True)
class Result:
    """An outcome with its answer, and what the request log says about it."""

    outcome: Outcome
    reply: Reply
    events: tuple[AnyEvent, ...] = ()
    detail: str | None = None


@dataclass(frozen=True)
class Edge:
    """What all webhooks share. `publish` returns when an event is durable, and raises otherwise."""

    publish: Callable[[AnyEvent], Awaitable[None]]
    requests: RequestLog
    trusted_proxies: tuple[Network, ...]
    limits: Limits
    now: Callable[[], datetime]


def error_reply(status: int, code: str, message: str, field: str | None = None) -> Reply:
    """An error answer: small JSON, without anything the sender sent."""
    error = {"code": code, "message": message} | ({"field": field} if field else {})
    return Reply(status, "application/json", json.dumps({"error": error}).encode())


_FORBIDDEN = error_reply(403, "forbidden", "forbidden")
_UNAVAILABLE = error_reply(503, "unavailable", "the event could not be stored; send it again")
_DEFECT = error_reply(500, "internal", "internal error")
_UNREAD = {
    BodyTooLarge: Result(Outcome.TOO_LARGE, error_reply(413, "too_large", "the body is too large")),
    BodyTooSlow: Result(Outcome.TOO_SLOW, error_reply(408, "too_slow", "the body took too long")),
    BodyIncomplete: Result(Outcome.INCOMPLETE, error_reply(400, "incomplete", "the body is incomplete")),
}
"""Answers to requests whose body was not taken: the connection is closed after them."""


class Endpoint:
    """A provider's webhook, served over HTTP."""

    def __init__(self, provider: Provider, webhook: Webhook, edge: Edge) -> None:
        self.provider = provider
        self.webhook = webhook
        self.edge = edge

    async def serve(self, request: Request) -> Response:
        """Answer one HTTP request, count it, and write it down."""
        started, at = time.perf_counter(), self.edge.now()
        client, traceparent = self._client(request), new_traceparent()
        closing = {}
        try:
            body = await read_body(request, self.edge.limits)
        except (BodyTooLarge, BodyTooSlow, BodyIncomplete) as unread:
            result, closing = _UNREAD[type(unread)], {"connection": "close"}
        else:
            result = await self._handle(_raw(request, body, client, at, traceparent))
        self._record(result, client, at, traceparent, time.perf_counter() - started)
        reply = result.reply
        return Response(reply.body, reply.status, media_type=reply.media_type, headers=closing)

    async def _handle(self, raw: RawRequest) -> Result:
        try:
            verified = self.provider.verify(raw)
        except NotAuthentic as reason:
            return Result(Outcome.REFUSED, _FORBIDDEN, detail=str(reason))
        try:
            result = await self._publish(verified)
        except Exception as error:  # its words may be a patient's: only its kind is logged
            log.error("a defect in handling a webhook", route=self.webhook.path, kind=type(error).__name__)
            result = Result(Outcome.DEFECT, _DEFECT, detail=type(error).__name__)
        return replace(result, reply=self.webhook.reply) if self.webhook.live else result

    async def _publish(self, verified: VerifiedRequest) -> Result:
        try:
            parsed = self.webhook.parse(verified)
            for event in parsed.events:
                await self.edge.publish(event)
        except Malformed as error:
            return _malformed(error.field, str(error))
        except ValidationError as error:
            return self._invalid(error)
        except Unavailable as error:
            return Result(Outcome.UNAVAILABLE, _UNAVAILABLE, detail=str(error))
        except PublishRejected as error:
            log.error("the bus rejects an event", route=self.webhook.path, error=str(error))
            return Result(Outcome.REJECTED, _UNAVAILABLE, detail=str(error))
        outcome = Outcome.ACCEPTED if parsed.events else Outcome.IGNORED
        return Result(outcome, self.webhook.reply, parsed.events, parsed.ignored)

    def _invalid(self, error: ValidationError) -> Result:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(first["loc"][0])
        field = self.webhook.names.get(name, name)
        return _malformed(field, f"{field}: {first['msg']}")

    def _client(self, request: Request) -> Address | None:
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.getlist("x-forwarded-for"), self.edge.trusted_proxies)

    def _record(self, result: Result, client: Address | None, at: datetime, traceparent: str, elapsed: float) -> None:
        provider, route = self.provider.name, self.webhook.path
        WEBHOOKS.labels(provider, route, result.outcome).inc()
        WEBHOOK_SECONDS.labels(provider, route).observe(elapsed)
        line = Line(
            provider=provider,
            route=route,
            outcome=result.outcome,
            status=result.reply.status,
            event_ids=tuple(str(event.id) for event in result.events),
            sid=result.events[0].data.identity()[1] if result.events else None,
            detail=result.detail,
            client=str(client) if client else None,
            milliseconds=round(elapsed * 1000, 1),
            trace_id=trace_id(traceparent),
        )
        self.edge.requests.write(line, at)


def _malformed(field: str, message: str) -> Result:
    return Result(Outcome.MALFORMED, error_reply(400, "malformed", message, field), detail=message)


def _raw(request: Request, body: bytes, client: Address | None, at: datetime, traceparent: str) -> RawRequest:
    """Path and query as they were on the wire: `request.url` would decode them."""
    return RawRequest(
        path=request.scope["raw_path"].decode("utf-8", "replace"),
        query=request.scope["query_string"].decode("utf-8", "replace"),
        headers=dict(request.headers),
        body=body,
        client=client,
        received_at=at,
        traceparent=traceparent,
    )
