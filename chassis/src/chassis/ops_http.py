"""The second port of every service: /healthz (alive), /readyz (dependencies), /metrics (Prometheus)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.metrics import READY

Check = Callable[[], Awaitable[str | None]]
"""Answers with what is wrong, or None."""


class Health:
    """What a service says of itself."""

    def __init__(
        self, service: str, checks: Mapping[str, Check], alive: Callable[[], bool], degraded: Mapping[str, Check]
    ) -> None:
        self.service = service
        self.checks = checks
        self.alive = alive
        self.degraded = degraded
        self.stopping = False

    async def problems(self) -> dict[str, str]:
        """Name of each dependency that does not answer, with the reason; empty when the service can work."""
        return {self.service: "stopping"} if self.stopping else await _found(self.checks)

    async def limits(self) -> dict[str, str]:
        """Name of each thing the service does without for now, with the reason."""
        return await _found(self.degraded)


async def _found(checks: Mapping[str, Check]) -> dict[str, str]:
    results = await asyncio.gather(*(_bounded(check) for check in checks.values()))
    return {name: problem for name, problem in zip(checks, results, strict=True) if problem}


async def _bounded(check: Check) -> str | None:
    try:
        async with asyncio.timeout(2):
            return await check()
    except TimeoutError:
        return "no answer within 2 s"
    except Exception as error:
        return f"{type(error).__name__}"


def ops_app(health: Health, exposition: Callable[[], bytes] = generate_latest) -> Starlette:
    """The ASGI application of the second port; `exposition` makes what Prometheus reads."""

    async def healthz(_: Request) -> Response:
        alive = health.alive()
        return JSONResponse({"service": health.service, "alive": alive}, 200 if alive else 500)

    async def readyz(_: Request) -> Response:
        problems, degraded = await asyncio.gather(health.problems(), health.limits())
        READY.labels(health.service).set(0 if problems else 1)
        body = {"service": health.service, "ready": not problems, "problems": problems, "degraded": degraded}
        return JSONResponse(body, 503 if problems else 200)

    async def metrics(_: Request) -> Response:
        return Response(exposition(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])
