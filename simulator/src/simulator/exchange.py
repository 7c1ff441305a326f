"""The common part of every REST call: faults, and remembering what was asked and answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from simulator.connections import Cut, CutResponse
from simulator.faults import Dialect, Faults, Target, misbehave
from simulator.logs import log
from simulator.memory import Memory, RestCall, now

_KEPT_OF_ANSWER = 2000
NO_ANSWER = 0
"""Status that is remembered when the connection was cut."""


@dataclass(frozen=True)
class Exchange:
    """Shared by both providers' APIs."""

    memory: Memory
    faults: Faults
    cut: Cut

    async def answer(
        self,
        request: Request,
        target: Target,
        method: str,
        params: dict[str, str],
        dialect: Dialect,
        handle: Callable[[], Awaitable[Response]],
    ) -> Response:
        """The answer, proper or not. `params` must be free of secrets."""
        at = now()
        fault = self.faults.take(target, method)
        response = await misbehave(fault, handle, dialect, self.cut)
        status = NO_ANSWER if isinstance(response, CutResponse) else response.status_code
        self.memory.rest.append(
            RestCall(
                target=target,
                method=method,
                path=request.url.path,
                params=params,
                at=at,
                status=status,
                answer=_shown(response),
                fault=fault.kind if fault else None,
            )
        )
        log.info("rest target=%s method=%s status=%s fault=%s", target, method, status, fault.kind if fault else None)
        return response


def _shown(response: Response) -> str:
    if (response.media_type or "").startswith("audio/"):
        return f"({len(response.body)} bytes of {response.media_type})"
    return bytes(response.body[:_KEPT_OF_ANSWER]).decode(errors="replace")
