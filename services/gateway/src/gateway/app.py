"""The gateway, wired: settings, bus, one route per webhook."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette import routing
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis.bus import Bus
from chassis.process import Service
from chassis.serving import Address, Listener
from chassis.workers import Crew
from gateway.edge.body import DEFAULT_LIMITS, Limits
from gateway.edge.request_log import RequestLog
from gateway.edge.throttle import Throttle, Valve, storage
from gateway.exchange import Edge, Publish, Route
from gateway.providers import PROVIDERS, Provide
from gateway.publishing.publisher import DEADLINE_SECONDS
from gateway.publishing.storing import Storing
from gateway.settings import GatewaySettings
from gateway.shortcut import Shortcut
from gateway.together import Together
from gateway.under_way import UnderWay
from gateway.webhooks import Endpoint, no_such_route


def build(settings: GatewaySettings) -> Service:
    """The whole service. Raises `SettingsError` when the request log cannot be written."""
    bus = Bus("gateway", settings.nats_url.get_secret_value(), security=settings.nats_security, publish_only=True)
    storing = Storing(bus, settings.spool_dir, settings.spool_max_mb * 1_000_000)
    requests = RequestLog(settings.webhook_log_file)
    under_way = UnderWay()

    @contextlib.asynccontextmanager
    async def work() -> AsyncIterator[None]:
        connecting = asyncio.create_task(bus.connect())  # calls are answered while NATS is still away
        async with storing.running():
            yield
            await under_way.end(DEADLINE_SECONDS)
        connecting.cancel()
        await bus.close()
        requests.close()

    return Service(
        name="gateway",
        settings=settings,
        ops=(settings.gateway_ops_port, "GATEWAY_OPS_PORT"),
        work=work,
        checks={"spool": storing.problem},
        degraded={"nats": bus.problem, "spool": storing.backlog},
        alive=bus.alive,
        listeners=(Listener(web(settings, storing.publisher.begin, requests, under_way), _address(settings)),),
    )


def crew(settings: GatewaySettings) -> Crew | None:
    """Several workers, when so configured."""
    if settings.gateway_workers == 1:
        return None
    ops = Address(settings.ops_host, settings.gateway_ops_port, "GATEWAY_OPS_PORT")
    return Crew(settings.gateway_workers, _address(settings), ops)


def _address(settings: GatewaySettings) -> Address:
    return Address(settings.gateway_host, settings.gateway_port, "GATEWAY_PORT")


def web(
    settings: GatewaySettings,
    publish: Publish,
    requests: RequestLog,
    under_way: UnderWay,
    *,
    providers: Sequence[Provide] = PROVIDERS,
    limits: Limits = DEFAULT_LIMITS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Shortcut:
    """The web application: every webhook of every provider, and nothing else."""
    store = settings.rate_limit_storage_url
    throttle = Throttle(settings.rate_limit_failures, storage(store.get_secret_value() if store else None))
    edge = Edge(publish, requests, settings.trusted_proxies, limits, throttle, now, under_way)
    together = Together()
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    endpoints: dict[tuple[str, str], Endpoint] = {}
    for provide in providers:
        provider, valve = provide(settings), Valve(settings.rate_limit_verified)
        for webhook in provider.webhooks:
            endpoint = Endpoint(Route(provider, webhook, edge, valve), together)
            route = routing.Route(webhook.path, endpoint, methods=webhook.methods)
            route.methods = set(webhook.methods)  # without HEAD, which would count as a GET
            app.router.routes.append(route)
            endpoints |= {(method, webhook.path): endpoint for method in webhook.methods}

    async def elsewhere(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = no_such_route(edge, request, error.status_code)
        response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(HTTPException, elsewhere)
    return Shortcut(endpoints, app)
