"""Misbehaviour of the providers' APIs, on request."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import HTMLResponse, Response

from simulator.connections import Cut, CutResponse

Target = Literal["twilio.messages", "twilio.recordings", "voipms.rest"]
Kind = Literal["status", "hang", "drop_after_accept", "html", "truncate", "not_ready"]

_PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"


class Fault(BaseModel):
    """What goes wrong with the next `times` calls of a target.

    `status`: an error answer. `hang`: the answer comes `seconds` late, or instead the connection is cut.
    `drop_after_accept`: the call has its effect, but the connection breaks before the answer. `html`: a web page
    instead of an answer. `truncate`: only the first half of the answer. `not_ready`: the recording is not there yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Target
    kind: Kind
    times: int = Field(1, ge=1, le=100_000)
    method: str | None = Field(None, description="Only this: Twilio's HTTP method, VoIP.ms' API method")
    status: int | None = Field(None, ge=200, le=599, description="HTTP status; default 500, for `html` 200")
    code: int | str | None = Field(
        None, description="Twilio's error code, or VoIP.ms' `status` word (sent with HTTP 200)"
    )
    effect: bool = Field(False, description="`status` and `hang`: does the call have its effect all the same?")
    seconds: float = Field(20, ge=0, le=60, description="`hang`: how long")
    then: Literal["answer", "cut"] = Field("cut", description="`hang`: what ends it")

    @model_validator(mode="after")
    def _fits_the_target(self) -> Self:
        if self.kind == "not_ready" and self.target == "twilio.messages":
            raise ValueError("only recordings can be not ready")
        if self.code is not None and isinstance(self.code, str) != (self.target == "voipms.rest"):
            raise ValueError("code is a number for Twilio, a status word for VoIP.ms")
        return self


class Faults:
    """Faults that are still to happen, in the order they were asked for."""

    def __init__(self) -> None:
        self._coming: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Let it happen from now on."""
        self._coming.append((fault, fault.times))

    def forget(self) -> None:
        """Behave."""
        self._coming.clear()

    def coming(self) -> list[tuple[Fault, int]]:
        """Each with how often it will still happen."""
        return list(self._coming)

    def take(self, target: Target, method: str) -> Fault | None:
        """The fault for this call, if there is one."""
        for place, (fault, left) in enumerate(self._coming):
            if fault.target == target and fault.method in {None, method}:
                self._coming[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                return fault
        return None


class Dialect(Protocol):
    """How a provider's API words its refusals."""

    def failure(self, fault: Fault) -> Response:
        """The error that the fault asks for."""
        ...

    def not_ready(self) -> Response:
        """The recording is not there yet."""
        ...


async def misbehave(
    fault: Fault | None, handle: Callable[[], Awaitable[Response]], dialect: Dialect, cut: Cut
) -> Response:
    """The answer to a call under `fault`; `handle` gives the effect and the proper answer."""
    if fault is None:
        return await handle()
    match fault.kind:
        case "status":
            await _effect(fault, handle)
            return dialect.failure(fault)
        case "hang":
            response = await _effect(fault, handle)
            await asyncio.sleep(fault.seconds)
            return response if fault.then == "answer" else CutResponse(cut)
        case "drop_after_accept":
            await handle()
            return CutResponse(cut)
        case "html":
            return HTMLResponse(_PAGE, fault.status or 200)
        case "truncate":
            return _half(await handle())
        case "not_ready":
            return dialect.not_ready()


async def _effect(fault: Fault, handle: Callable[[], Awaitable[Response]]) -> Response:
    return await handle() if fault.effect else HTMLResponse(_PAGE, 504)


def _half(response: Response) -> Response:
    body = bytes(response.body)
    return Response(body[: len(body) // 2], response.status_code, media_type=response.media_type)
