"""The gateway, wired: settings, bus, one route per webhook."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis.bus import Bus
from chassis.process import Listener, Service
from contracts.registry import AnyEvent
from gateway.edge.body import DEFAULT_LIMITS, Limits
from gateway.edge.request_log import RequestLog
from gateway.providers import PROVIDERS
from gateway.settings import GatewaySettings
from gateway.webhooks import Edge, Endpoint, error_reply


def build(settings: GatewaySettings) -> Service:
    """The whole service. Raises `SettingsError` when the request log cannot be written."""
    bus = Bus("gateway", settings.nats_url.get_secret_value(), creds=settings.nats_creds, publish_only=True)
    requests = RequestLog(settings.webhook_log_file)

    @contextlib.asynccontextmanager
    async def work() -> AsyncIterator[None]:
        connecting = asyncio.create_task(bus.connect())  # calls are answered while NATS is still away
        yield
        connecting.cancel()
        await bus.close()
        requests.close()

    return Service(
        name="gateway",
        settings=settings,
        ops=(settings.gateway_ops_port, "GATEWAY_OPS_PORT"),
        work=work,
        checks={"nats": bus.problem},
        alive=bus.alive,
        listeners=(
            Listener(
                web(settings, bus.publish, requests), settings.gateway_host, settings.gateway_port, "GATEWAY_PORT"
            ),
        ),
    )


def web(
    settings: GatewaySettings,
    publish: Callable[[AnyEvent], Awaitable[None]],
    requests: RequestLog,
    *,
    limits: Limits = DEFAULT_LIMITS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """The web application: every webhook of every provider, and nothing else."""
    edge = Edge(publish, requests, settings.trusted_proxies, limits, now)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for provide in PROVIDERS:
        provider = provide(settings)
        for webhook in provider.webhooks:
            endpoint = Endpoint(provider, webhook, edge)
            app.add_api_route(webhook.path, endpoint.serve, methods=list(webhook.methods), response_model=None)
    app.add_exception_handler(HTTPException, _no_such_route)
    return app


async def _no_such_route(_: Request, error: Exception) -> Response:
    """404 and 405, in the same words as every other error answer."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase.lower()
    reply = error_reply(error.status_code, phrase.replace(" ", "_"), phrase)
    return Response(reply.body, reply.status, media_type=reply.media_type, headers=error.headers)
