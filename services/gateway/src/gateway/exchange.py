"""The one path every webhook takes: read, verify, parse, publish, reply; each a step that waits for nothing."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import ValidationError
from starlette.types import Scope

from chassis import logs
from chassis.client_address import Address, Network, client_address
from chassis.encoding import Encoded
from chassis.failures import Unavailable
from chassis.tracing import new_traceparent, trace_id
from gateway import outcomes
from gateway.edge.body import Limits
from gateway.edge.headers import Headers
from gateway.edge.request_log import Line, RequestLog
from gateway.edge.throttle import Throttle, Valve
from gateway.metrics import ANSWERED, BEING_ANSWERED, BELIEVED, REFUSED, TAKEN, WEBHOOKS
from gateway.outcomes import Outcome, Result
from gateway.providers.base import Malformed, NotAuthentic, Parsed, Provider, RawRequest, VerifiedRequest, Webhook
from gateway.publishing.publisher import Durable
from gateway.under_way import UnderWay

log = logs.get(__name__)

Publish = Callable[[Sequence[Encoded], Callable[[Awaitable[Durable] | None], None]], None]
"""`gateway.publishing.publisher.Publisher.begin`."""

_OUTCOMES = {Durable.STREAM: Outcome.ACCEPTED, Durable.SPOOL: Outcome.SPOOLED}


@dataclass(frozen=True)
class Edge:
    """What all webhooks share."""

    publish: Publish
    requests: RequestLog
    trusted_proxies: tuple[Network, ...]
    limits: Limits
    throttle: Throttle
    now: Callable[[], datetime]
    under_way: UnderWay

    def client_of(self, scope: Scope, headers: Headers) -> Address | None:
        """Who sent a request, as far as that can be known."""
        peer = scope["client"][0] if scope["client"] else None
        forwarded_for = headers.get("x-forwarded-for") if self.trusted_proxies else None
        return client_address(peer, [forwarded_for] if forwarded_for else (), self.trusted_proxies)


@dataclass(frozen=True)
class Route:
    """Where a webhook arrives. `valve` is shared by all webhooks of the provider."""

    provider: Provider
    webhook: Webhook
    edge: Edge
    valve: Valve


class Exchange:
    """One request and its answer. Each step returns what the next one takes; None ends it: it is answered, or will be.

    A step that raises is a defect: see `fail`. One is made for every webhook, so it holds no more than it must.
    """

    __slots__ = ("_answered", "_at", "_believed", "_client", "_headers", "_over", "_parsed", "_route", "_started",
                 "_traceparent", "_wait")  # fmt: skip

    def __init__(self, route: Route, scope: Scope, answered: Callable[[Result], None]) -> None:
        """Begins when the headers are here. `answered` is called once, with what to send."""
        edge = route.edge
        self._started = time.perf_counter()
        self._at = edge.now()
        self._route = route
        self._answered = answered
        self._over = self._believed = False
        self._headers = Headers(scope["headers"])
        self._client = edge.client_of(scope, self._headers)
        self._traceparent = new_traceparent()
        self._wait = 0
        edge.under_way.exchanges.add(self)
        BEING_ANSWERED.now += 1

    def shut_out(self) -> bool:
        """Whether nobody listens to its sender: it failed too often, and cannot prove to be the provider."""
        self._wait = self._route.edge.throttle.wait(self._client)
        if not self._over and self._wait and not self._route.provider.may_prove_itself(self._headers, self._client):
            self._shut_out()
        return self._over

    def raw(self, scope: Scope, body: bytes) -> RawRequest:
        """The request. Path and query are as they were on the wire: what else a scope has is decoded."""
        path, query = scope["raw_path"].decode("utf-8", "replace"), scope["query_string"].decode("utf-8", "replace")
        return RawRequest(path, query, self._headers, body, self._client, self._at, self._traceparent)

    def read(self, raw: RawRequest) -> RawRequest | None:
        """The first step: bytes become names and values, unless nobody listens to their sender now."""
        if self.shut_out():
            return None
        try:
            self._route.provider.read(raw)
        except NotAuthentic as error:
            self._refuse(error)
            return None
        return raw

    def verify(self, raw: RawRequest) -> VerifiedRequest | None:
        """The second step: is it from the provider?"""
        provider = self._route.provider
        try:
            verified = provider.verify(raw)
        except NotAuthentic as error:
            self._refuse(error)
            return None
        self._believed = True
        BELIEVED.add((provider.name, verified.proof))
        wait = self._route.valve.wait()
        if wait:
            self.conclude(outcomes.too_many(wait))
            return None
        return verified

    def parse(self, verified: VerifiedRequest) -> Parsed | None:
        """The third step: what does it say?"""
        webhook = self._route.webhook
        try:
            return webhook.parse(verified)
        except Malformed as error:
            self.conclude(outcomes.malformed(error.field, str(error)))
            return None
        except ValidationError as error:
            self.conclude(outcomes.invalid(error, webhook.names))
            return None

    def publish(self, parsed: Parsed) -> None:
        """The last step: its events become durable, and then it is answered."""
        if not parsed.stated:
            self.conclude(Result(Outcome.IGNORED, self._route.webhook.reply, detail=parsed.ignored))
            return
        self._parsed = parsed
        self._route.edge.publish([each.encoded for each in parsed.stated], self._published)

    def _published(self, rest: Awaitable[Durable] | None) -> None:
        """Called when the stream has its events, or with what is left to do."""
        if rest is None:
            self._durable(Durable.STREAM)
        else:
            self._route.edge.under_way.later(self._publish(rest))

    async def _publish(self, rest: Awaitable[Durable]) -> None:
        try:
            durable = await rest
        except Unavailable as error:
            self.conclude(outcomes.unavailable(str(error)))
        except Exception as error:
            self.fail(error)
        else:
            self._durable(durable)

    def _durable(self, where: Durable) -> None:
        self.conclude(Result(_OUTCOMES[where], self._route.webhook.reply, self._parsed.stated))

    def unread(self, result: Result) -> None:
        """Its body never came, or not as it should."""
        self._failed(result)

    def fail(self, error: Exception) -> None:
        """A defect of ours."""
        log.error("a defect in handling a webhook", route=self._route.webhook.path, kind=type(error).__name__)
        self.conclude(outcomes.defect(error))

    def abandon(self) -> None:
        """There will be no answer: the gateway stops."""
        if not self._over:
            self._end()
            self._write_down(outcomes.UNANSWERED)

    def conclude(self, result: Result) -> None:
        """Answer, count, and write down."""
        if self._over:
            return
        if self._believed and self._route.webhook.live:  # somebody is on the phone
            result = result._replace(reply=self._route.webhook.reply, retry_after=0)
        self._end()
        self._write_down(result)
        self._answer(result)

    def _answer(self, result: Result) -> None:
        try:
            self._answered(result)
        except Exception as error:  # it must not keep those that come after it from theirs
            log.error("an answer could not be sent", route=self._route.webhook.path, kind=type(error).__name__)

    def _end(self) -> None:
        self._over = True
        self._route.edge.under_way.exchanges.discard(self)
        BEING_ANSWERED.now -= 1

    def _refuse(self, error: NotAuthentic) -> None:
        REFUSED.labels(self._route.provider.name, error.reason).inc()
        self._failed(outcomes.refused(str(error)))

    def _failed(self, result: Result) -> None:
        """Counts against its client. A malformed webhook does not: its sender proved to be the provider."""
        if self._wait:
            self._shut_out()
        else:
            self._route.edge.under_way.later(self._count_failure(result))

    async def _count_failure(self, result: Result) -> None:
        try:
            await self._route.edge.throttle.failed(self._client)
        except Exception as error:
            log.error("a failure could not be counted", kind=type(error).__name__)
        self.conclude(result)

    def _shut_out(self) -> None:
        """Counted, but not written down: that the client is throttled was logged, and a flood must not fill the log."""
        WEBHOOKS.labels(self._route.provider.name, self._route.webhook.path, Outcome.THROTTLED).inc()
        self._end()
        self._answer(outcomes.shut_out(self._wait))

    def _write_down(self, result: Result) -> None:
        elapsed = time.perf_counter() - self._started
        provider, path, stated = self._route.provider.name, self._route.webhook.path, result.stated
        ANSWERED.add((provider, path, result.outcome))
        TAKEN.add((provider, path), elapsed)
        line = Line(  # without their names: matching ten of them would take longer than all the rest
            provider,
            path,
            result.outcome,
            result.reply.status or None,
            [each.encoded.id for each in stated],
            stated[0].about if stated else None,
            result.detail,
            _written_out(self._client) if self._client else None,
            elapsed * 1000,
            trace_id(self._traceparent),
        )
        self._route.edge.requests.write(line, self._at)


_written_out = lru_cache(maxsize=4_096)(str)
"""An address as text: working it out takes longer than looking it up."""
