"""Publishing to JetStream with many publishes in flight: all their PubAcks come in on one subscription.

The client's own `js.publish` does the same with a task, a timer and two dataclasses for every message, at twice the
processor time. Here a message in flight is a function to call, and one timer looks after all of them. The connection
stays the client's, as does subscribing again after a reconnect; what is usual on it goes past the client
(`chassis.wire`).
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Self

import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis import logs, wire

log = logs.get(__name__)

Settled = Callable[[Exception | None], None]
"""What is called once it is known what became of a message: None, and a stream has it."""

_LOOK_SECONDS = 0.05
"""How often deadlines are looked at."""

_NO_RESPONDERS = "503"


def _nobody(_: Exception | None) -> None:
    pass


_NOBODY: tuple[Settled, float] = _nobody, 0.0


class PubAcks:
    """The publishes of one connection that wait for their PubAck."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._outgoing = wire.Outgoing(client)
        self._inbox = f"{client.new_inbox()}."
        self._numbers = itertools.count()
        self._waiting: dict[bytes, tuple[Settled, float]] = {}
        """Whom to tell, and until when, by the number at the end of the inbox that its PubAck comes to."""
        self._loop = asyncio.get_running_loop()
        self._looking = False

    @classmethod
    async def subscribed(cls, client: Client) -> Self:
        """Ready to publish on a connected client."""
        acks = cls(client)
        await client.subscribe(f"{acks._inbox}*", cb=acks._answered)
        await client.flush()  # what we publish goes past the client, and must not be there before the subscription
        wire.read_first(client, wire.PubAckReader(acks._inbox, acks._settle))
        return acks

    async def publish(self, subject: str, body: bytes, headers: dict[str, str], *, seconds: float) -> None:
        """Return once a stream has the message, or had it already.

        Raises what `js.publish` raises: `TimeoutError` without an answer in time, `nats.js.errors.Error` when the
        server does not take it, `nats.errors.Error` when the client cannot send it.
        """
        acknowledged = self._loop.create_future()

        def settled(error: Exception | None) -> None:
            if not acknowledged.done():
                acknowledged.set_result(None) if error is None else acknowledged.set_exception(error)

        number = b"%d" % next(self._numbers)
        self._wait(number, settled, seconds)
        try:
            await self._outgoing.publish(subject, self._inbox + number.decode(), headers, body)
            await acknowledged
        finally:
            self._waiting.pop(number, None)

    def begin(self, subject: str, body: bytes, headers: dict[str, str], settled: Settled, *, seconds: float) -> bool:
        """The same for a usual message, without a coroutine: `settled` is called once, with what `publish` would raise.

        False when the message or the connection is not usual now; nothing was done then.
        """
        number = b"%d" % next(self._numbers)
        if not self._outgoing.begin(subject, self._inbox + number.decode(), headers, body):
            return False
        self._wait(number, settled, seconds)
        return True

    def _wait(self, number: bytes, settled: Settled, seconds: float) -> None:
        self._waiting[number] = settled, self._loop.time() + seconds
        if not self._looking:
            self._look()

    def _settle(self, number: bytes, error: Exception | None = None) -> None:
        settled, _ = self._waiting.pop(number, _NOBODY)
        try:
            settled(error)
        except Exception as defect:  # it must not end the connection, whose reader we are
            log.error("a defect in what follows a publish", kind=type(defect).__name__)

    async def _answered(self, message: Msg) -> None:
        self._settle(message.subject[len(self._inbox) :].encode(), _error(message))

    def _look(self) -> None:
        """End what waited too long; again as long as anybody waits."""
        now = self._loop.time()
        for number in [number for number, (_, deadline) in self._waiting.items() if deadline <= now]:
            self._settle(number, TimeoutError("no PubAck in time"))
        self._looking = bool(self._waiting)
        if self._looking:
            self._loop.call_later(_LOOK_SECONDS, self._look)


def _error(message: Msg) -> Exception | None:
    """Why a stream did not take the message; None when it did."""
    data = message.data
    if b'"error"' not in data and data.startswith(b'{"stream":'):  # all there is in almost all of them
        return None
    if message.headers and message.headers.get("Status") == _NO_RESPONDERS:
        return nats.js.errors.NoStreamResponseError()
    try:
        answer = json.loads(data)
        if "error" in answer:
            nats.js.errors.APIError.from_error(answer["error"])
    except nats.js.errors.APIError as error:
        return error
    except (ValueError, TypeError, LookupError):
        answer = {}
    return None if "seq" in answer else nats.js.errors.ServerError(description="its answer is no PubAck")
