"""Half of what it can take: webhooks that are due at fixed times, whether or not the ones before are answered.

Latency counts from when a webhook was due, not from when a connection was free to send it: a server that stalls is
charged for everybody who had to wait (otherwise the load would politely wait with it: "coordinated omission").
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import httptools
import uvloop

from bench.prepared import Prepared


@dataclass
class Paced:
    """What came of it."""

    accepted: list[str] = field(default_factory=list)
    """MessageSid of every webhook that was answered 2xx."""
    refused: int = 0
    broken: int = 0
    """Connections that ended without an answer."""
    milliseconds: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        return sorted(self.milliseconds)[min(len(self.milliseconds) - 1, int(len(self.milliseconds) * share))]


class _Connection(asyncio.Protocol):
    def __init__(self, pace: "_Pace") -> None:
        self._pace = pace
        self._sid = ""
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)

    def send(self, due: float, webhook: Prepared) -> None:
        self._sid, self._due = webhook.sid, due
        self._transport.write(webhook.wire("127.0.0.1"))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        sid, self._sid = self._sid, ""  # before the next one is sent on this connection
        self._pace.answered(self, sid, self._due, self._parser.get_status_code())

    def connection_lost(self, exc: Exception | None) -> None:
        self._pace.lost(answered=not self._sid)


class _Pace:
    def __init__(self, webhooks: Iterator[Prepared]) -> None:
        self.result = Paced()
        self.idle: deque[_Connection] = deque()
        """Longest first, so that none rests until the server closes it."""
        self._waiting: deque[tuple[float, Prepared]] = deque()
        self._webhooks = webhooks
        self.open = 0

    def due(self, at: float) -> None:
        webhook = next(self._webhooks)
        self.open += 1
        if self.idle:
            self.idle.popleft().send(at, webhook)
        else:
            self._waiting.append((at, webhook))

    def answered(self, connection: _Connection, sid: str, due: float, status: int) -> None:
        self.open -= 1
        if 200 <= status < 300:
            self.result.accepted.append(sid)
            self.result.milliseconds.append((time.perf_counter() - due) * 1000)
        else:
            self.result.refused += 1
        if self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self.idle.append(connection)

    def lost(self, *, answered: bool) -> None:
        if not answered:
            self.open -= 1
            self.result.broken += 1


async def _run(port: int, webhooks: Iterator[Prepared], rate: float, seconds: float, connections: int) -> Paced:
    pace, loop = _Pace(webhooks), asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: _Connection(pace), "127.0.0.1", port) for _ in range(connections)]
    pace.idle.extend(connection for _, connection in made)
    began, number = time.perf_counter(), 0
    while (due := began + number / rate) < began + seconds:
        if due > time.perf_counter():
            await asyncio.sleep(0.001)  # as fine as the loop's clock
        else:
            pace.due(due)
            number += 1
            if number % 16 == 0:
                await asyncio.sleep(0)  # answers are read meanwhile
    deadline = time.perf_counter() + 15
    while pace.open and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)
    for transport, _ in made:
        transport.close()
    return pace.result


def drive(port: int, webhooks: Iterator[Prepared], *, rate: float, seconds: float, connections: int) -> Paced:
    """Send `rate` webhooks a second for that long."""
    gc.collect()
    gc.freeze()  # looking through all the webhooks for garbage would make us late, and that is held against the server
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(port, webhooks, rate, seconds, connections))
