"""What can become of a webhook, and what its sender and the request log are told about it."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from pydantic import ValidationError
from starlette.types import Send

from chassis.http import Answer
from gateway.edge.body import BodyIncomplete, BodyTooLarge, BodyTooSlow
from gateway.providers.base import Reply, Stated


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


LOST = (Outcome.UNAVAILABLE, Outcome.DEFECT, Outcome.UNANSWERED)


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

    @property
    def answer(self) -> Answer:
        """What is written to the connection."""
        whole = self.reply.whole
        if not self.retry_after and not self.closing:
            return whole
        retry = b"retry-after: %d\r\n" % self.retry_after if self.retry_after else b""
        return Answer(whole.head + retry, whole.body, self.closing)

    async def send(self, send: Send) -> None:
        """The same as ASGI has it."""
        headers = [*self.reply.headers]
        headers += [(b"retry-after", str(self.retry_after).encode())] if self.retry_after else []
        headers += [(b"connection", b"close")] if self.closing else []
        await send({"type": "http.response.start", "status": self.reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.reply.body})


def error_reply(status: int, code: str, message: str, field: str | None = None) -> Reply:
    """An error answer: small JSON, without anything the sender sent."""
    error = {"code": code, "message": message} | ({"field": field} if field else {})
    return Reply(status, "application/json", json.dumps({"error": error}).encode())


FORBIDDEN = error_reply(403, "forbidden", "forbidden")
UNANSWERED = Result(Outcome.UNANSWERED, Reply(0))
UNREAD = {
    BodyTooLarge: Result(Outcome.TOO_LARGE, error_reply(413, "too_large", "the body is too large"), closing=True),
    BodyTooSlow: Result(Outcome.TOO_SLOW, error_reply(408, "too_slow", "the body took too long"), closing=True),
    BodyIncomplete: Result(Outcome.INCOMPLETE, error_reply(400, "incomplete", "the body is incomplete"), closing=True),
}
_DEFECT = error_reply(500, "internal", "internal error")
_TOO_MANY = error_reply(429, "too_many_requests", "too many requests; try again later")
_UNAVAILABLE = error_reply(503, "unavailable", "the event could not be stored; send it again")


def refused(why: str) -> Result:
    """Its sender is not believed, and not told why."""
    return Result(Outcome.REFUSED, FORBIDDEN, detail=why)


def shut_out(wait: int) -> Result:
    """Its sender failed too often."""
    return Result(Outcome.THROTTLED, _TOO_MANY, retry_after=wait, closing=True)


def too_many(wait: int) -> Result:
    """Its provider sends more than we take."""
    return Result(Outcome.THROTTLED, _TOO_MANY, detail="RATE_LIMIT_VERIFIED is used up", retry_after=wait)


def unavailable(why: str) -> Result:
    """Nobody takes its events now."""
    return Result(Outcome.UNAVAILABLE, _UNAVAILABLE, detail=why)


def defect(error: Exception) -> Result:
    """A mistake of ours; its words may be a patient's, so only its kind is told."""
    return Result(Outcome.DEFECT, _DEFECT, detail=type(error).__name__)


def malformed(field: str, message: str) -> Result:
    """It cannot be understood. Neither repeats a value."""
    return Result(Outcome.MALFORMED, error_reply(400, "malformed", message, field), detail=message)


def invalid(error: ValidationError, names: Mapping[str, str]) -> Result:
    """The same for what no event can carry; `names` are what the provider calls our fields."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "body"
    field = names.get(name, name)
    return malformed(field, f"{field}: {first['msg']}")
