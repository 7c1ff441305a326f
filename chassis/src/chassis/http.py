"""HTTP as a service on the open internet needs it: whoever does not get to the point loses the connection."""

import asyncio
import resource
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, runtime_checkable
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from chassis.metrics import CONNECTIONS_CLOSED

HEADER_SECONDS = 10.0
"""From the first moment of a connection, or of its next request, to the end of the request's headers."""

KEEP_ALIVE_SECONDS = 65.0
"""How long a connection may rest between requests: longer than the 60 s after which proxies usually close theirs."""

MAX_CONNECTIONS = 4_096
"""Open connections of one server."""

MAX_HEAD_BYTES = 32 * 1024
"""Of a request's method, URL and headers together: webhooks that carry a text in the URL stay below half of it."""

MAX_HEADERS = 100

MAX_PIPELINED = 16
"""Requests that may wait on a connection for the answer to the one before."""


class Answer(NamedTuple):
    """An HTTP answer, ready to be written."""

    head: bytes
    """Status line and headers, each with its line end; `connection` is the server's business."""
    body: bytes
    closing: bool = False
    """The connection is closed after it."""


@runtime_checkable
class AtOnce(Protocol):
    """An ASGI application that takes complete requests without ASGI: without a task, and messages in both directions.

    Almost every webhook is complete as soon as its headers are read.
    """

    def at_once(self, scope: Any, body: bytes, answer: Callable[[Answer], None]) -> bool:
        """Take a request and have it answered, now or later, once. False when it is to be called as ASGI wants it."""
        ...


_CLOSE = b"connection: close\r\ncontent-length: 0\r\n\r\n"
_MALFORMED = "malformed", STATUS_LINE[400] + _CLOSE
_HEAD_TOO_LARGE = "head_too_large", STATUS_LINE[431] + _CLOSE


class Connections(ServerState):
    """The open connections of one server, and those of them that keep us waiting, longest first."""

    def __init__(self, limit: int = MAX_CONNECTIONS) -> None:
        super().__init__()
        self.limit = limit
        self.resting: dict[PromptHttp, float] = {}
        """Between two requests, and since when."""
        self.talking: dict[PromptHttp, float] = {}
        """In the middle of a request's headers, or of a body that nobody reads any more, and since when."""

    def hang_up(self) -> None:
        """Close those who kept us waiting too long. Looking now and then is cheaper than a timer for every request."""
        now = asyncio.get_running_loop().time()
        for waiting, patience in ((self.resting, KEEP_ALIVE_SECONDS), (self.talking, HEADER_SECONDS)):
            late = [connection for connection, since in waiting.items() if since < now - patience]
            for connection in late:
                connection.close("late")

    def make_room(self) -> bool:
        """Whether there is room for one more: if need be, who rests longest makes it, or else who dawdles longest."""
        if len(self.connections) <= self.limit:
            return True
        waiting = next(iter(self.resting or self.talking), None)
        if waiting is None:
            return False
        waiting.close("crowded_out")
        return True


class PromptHttp(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 over llhttp, which itself waits for ever, and takes headers and pipelines of any size."""

    server_state: Connections

    def __init__(self, config: Config, server_state: Connections, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._in_head = False
        self._in_message = False
        self._head_bytes = 0
        """Read since the end of the last message: an upper bound of the size of the request's head."""
        app = config.loaded_app
        self._at_once = app.at_once if isinstance(app, AtOnce) else None
        self._unseen: RequestResponseCycle | None = None
        """Its headers came with the bytes that are being read: the application has not seen it yet."""
        self._broken = False
        """What follows cannot be understood: the connection ends with the answer that is under way."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A connection that says nothing is closed, and one too many at once."""
        super().connection_made(transport)
        if self.server_state.make_room():
            self.server_state.talking[self] = self.loop.time()
        else:
            self.close("refused")

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._stop_waiting()
        self.pipeline.clear()
        super().connection_lost(exc)

    def close(self, reason: str) -> None:
        """Close a connection that does not behave."""
        CONNECTIONS_CLOSED.labels(reason).inc()
        self._stop_waiting()
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Bytes that do not complete the headers do not buy more time."""
        if self._broken:
            return
        self._head_bytes += len(data)
        wrong = self._feed(data)
        if self._unseen is not None:
            cycle, self._unseen = self._unseen, None
            self._hand_over(cycle)
        if wrong:
            self._end(*wrong)
        elif self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._end(*_HEAD_TOO_LARGE)
        else:
            self._wait_for_more()

    def _feed(self, data: bytes) -> tuple[str] | tuple[str, bytes] | None:
        """Have it read; what the connection ends with, if it is no HTTP of ours."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # we speak nothing else: answered as HTTP/1.1, and that is all
            return ("upgrade",)
        except httptools.HttpParserError as error:  # whatever a callback raises arrives as the context of one
            return _HEAD_TOO_LARGE if isinstance(error.__context__, _HeadTooLarge) else _MALFORMED
        return None

    def _hand_over(self, cycle: RequestResponseCycle) -> None:
        """To the application; as ASGI has it when there is more to come, or nobody reads the answers."""
        if self._at_once is not None and not cycle.more_body and not self.flow.write_paused:
            assert isinstance(cycle, _Cycle)
            if self._at_once(cycle.scope, bytes(cycle.body), cycle.answer):
                cycle.body.clear()  # a connection that rests keeps its last cycle
                return
        self._start_asgi_task(cycle, self.app)

    def on_message_begin(self) -> None:
        """A request starts."""
        self._in_head = self._in_message = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The request is handed to the application once the bytes at hand are read, or when it is its turn."""
        if len(self.headers) > MAX_HEADERS or (self._head_bytes > MAX_HEAD_BYTES and self._head() > MAX_HEAD_BYTES):
            raise _HeadTooLarge
        if len(self.pipeline) >= MAX_PIPELINED:
            raise _TooMuchAtOnce
        if self.parser.should_upgrade() and self.parser.get_method() != b"GET":
            raise _BodyNotRead
        cycle = self._begin()
        self._in_head = False
        if cycle is None or cycle.response_complete:
            self._unseen = self.cycle
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _begin(self) -> RequestResponseCycle | None:
        """Complete the scope, and make what answers the request; returns what answers the one before.

        This and the few lines above are uvicorn's, without what we do not use, so that the cycle can be ours.
        """
        version = self.parser.get_http_version()
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = unquote(path) if "%" in path else path
        self.scope["raw_path"] = url.path
        self.scope["query_string"] = url.query or b""
        before = self.cycle
        self.cycle = _Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        return before

    def on_message_complete(self) -> None:
        """The request is here."""
        self._in_message = False
        self._head_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn has it, with a note of the time instead of a timer for each request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, _ = self.pipeline.pop()
            self._hand_over(cycle)
        elif self._broken:
            self.transport.close()
        else:
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        """Note whether it is the sender's turn, and since when."""
        state = self.server_state
        if self._in_head or self.cycle is None or (self._in_message and self.cycle.response_complete):
            state.resting.pop(self, None)
            state.talking.setdefault(self, self.loop.time())
        elif not self.cycle.response_complete:
            self._stop_waiting()
        else:
            state.talking.pop(self, None)
            state.resting.setdefault(self, self.loop.time())

    def _stop_waiting(self) -> None:
        self.server_state.resting.pop(self, None)
        self.server_state.talking.pop(self, None)

    def _end(self, reason: str, answer: bytes = b"") -> None:
        """Take nothing more; close at once, or after the answers that are still owed."""
        CONNECTIONS_CLOSED.labels(reason).inc()
        self._broken = True
        self._stop_waiting()
        in_body = self._in_message and not self._in_head
        if in_body and self.pipeline:
            self.pipeline.popleft()  # it will never be complete; those before it are still answered
        elif not in_body and self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False  # it is the last one
        else:
            if not in_body or not self.cycle.response_started:
                self.transport.write(answer)
            self.transport.close()

    def _head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)


class _Cycle(RequestResponseCycle):
    """uvicorn's, which can also be answered in one go."""

    def answer(self, answer: Answer) -> None:
        """Answer, unless the client is gone. A request that was taken `AtOnce` is answered so, and no other."""
        if self.disconnected or self.transport.is_closing():  # of pipelined ones only the last is told that it is gone
            return
        self.response_started = self.response_complete = True
        self.keep_alive = self.keep_alive and not answer.closing
        head = answer.head
        for header in self.default_headers:
            head += b"%b: %b\r\n" % header
        if not self.keep_alive:
            head += b"connection: close\r\n"
        self.transport.write(b"%b\r\n%b" % (head, answer.body))
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class _HeadTooLarge(Exception):
    """More headers, or more bytes of them, than we take."""


class _TooMuchAtOnce(Exception):
    """More requests than we keep waiting on one connection."""


class _BodyNotRead(Exception):
    """llhttp takes the body of a request that asks for another protocol as being in that protocol."""


def raise_file_limit() -> None:
    """Allow as many open connections as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
