"""Connections that do not get to the point, and requests that are none."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvloop

from chassis.http import MAX_HEAD_BYTES, MAX_HEADERS, MAX_PIPELINED, Answer
from chassis.serving import Server
from support.waiting import eventually

REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
UNFINISHED = b"POST /voice/incoming HTTP/1.1\r\nhost: x\r\n"


class Application:
    """Answers with what it was asked for and sent; waits with `/slow` until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked: list[str] = []
        self.at_once_asked: list[str] = []
        """Of these, what did not come over ASGI."""
        self.answers: list[Callable[[Answer], None]] = []
        """What is asked at once below `/at-once/later` waits for the test to answer it."""

    def at_once(self, scope: Any, body: bytes, answer: Callable[[Answer], None]) -> bool:
        if not scope["path"].startswith("/at-once"):
            return False
        self.asked.append(scope["path"])
        self.at_once_asked.append(scope["path"])
        if scope["path"] == "/at-once/later":
            self.answers.append(answer)
        elif scope["path"] == "/at-once/large":
            answer(whole(b"x" * 1_000_000))
        else:
            answer(whole(scope["path"].encode() + b":" + body, closing=scope["path"] == "/at-once/last"))
        return True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        body = b""
        if scope["path"] != "/unread":
            while (message := await receive())["type"] == "http.request":
                body += message["body"]
                if not message["more_body"]:
                    break
        if scope["path"] == "/slow":
            await self.go.wait()
        said = scope["path"].encode() + b":" + body
        headers = [(b"content-length", str(len(said)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said})


def whole(said: bytes, *, closing: bool = False) -> Answer:
    return Answer(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % len(said), said, closing)


@pytest.fixture
def app() -> Application:
    return Application()


@contextlib.asynccontextmanager
async def listening(app: Application) -> AsyncIterator[Server]:
    """Serve on a free port."""
    server = Server(app)
    task = asyncio.create_task(server.serve(sockets=[socket.create_server(("127.0.0.1", 0))]))
    await eventually(lambda: server.started)
    yield server
    app.go.set()
    server.should_exit = True
    await task


def port_of(server: Server) -> int:
    found: int = server.servers[0].sockets[0].getsockname()[1]
    return found


@pytest.fixture
async def server(app: Application, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr("chassis.http.HEADER_SECONDS", 0.3)
    async with listening(app) as server:
        yield server


@pytest.fixture
def port(server: Server) -> int:
    return port_of(server)


async def said(port: int, *parts: bytes) -> bytes:
    """Everything the server says to this, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


@pytest.mark.parametrize("words", [b"", UNFINISHED, b"POST / HTT", b"\r\n"])
async def test_who_does_not_finish_the_headers_is_cut_off(port: int, words: bytes) -> None:
    assert await said(port, words) == b""


async def test_dripping_bytes_buys_no_time(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    closed = asyncio.create_task(reader.read())
    writer.write(REQUEST[:-2] + b"dripping: ")
    while not closed.done():
        writer.write(b"G")
        await asyncio.wait({closed}, timeout=0.05)
    assert await closed == b""
    writer.close()


async def test_an_ordinary_connection_may_rest_between_requests(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(REQUEST)
        assert b"200 OK" in await reader.readuntil(b"/:")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.6)  # longer than headers may take
    writer.close()


async def test_a_resting_connection_is_closed_in_the_end(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.http.KEEP_ALIVE_SECONDS", 0.3)
    assert b"200 OK" in await said(port, REQUEST)


async def test_a_body_that_nobody_reads_any_more_may_not_drip_either(port: int) -> None:
    answer = await said(port, b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc")
    assert answer.endswith(b"/unread:")


@pytest.mark.parametrize(
    "request_",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost x\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: abc\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nno number\r\n",
        b"POST / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n\r\nabc",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_request_is_answered_400_and_the_server_lives(port: int, request_: bytes) -> None:
    assert (await said(port, request_)).startswith(b"HTTP/1.1 400 ")
    assert b"200 OK" in await said(port, REQUEST[:-2] + b"connection: close\r\n\r\n")


@pytest.mark.parametrize("parts", [1, 50])
async def test_headers_are_bounded_however_they_arrive(port: int, parts: int) -> None:
    line = b"x: " + b"y" * (MAX_HEAD_BYTES // parts) + b"\r\n"
    assert (await said(port, UNFINISHED, *[line] * parts, b"\r\n")).startswith(b"HTTP/1.1 431 ")


async def test_the_number_of_headers_is_bounded(port: int) -> None:
    assert (await said(port, UNFINISHED + b"a: b\r\n" * MAX_HEADERS + b"\r\n")).startswith(b"HTTP/1.1 431 ")


async def test_headers_just_within_the_bounds_are_taken(port: int) -> None:
    full = b"".join(b"h%02d: %s\r\n" % (i, b"y" * 300) for i in range(MAX_HEADERS - 2)) + b"connection: close\r\n\r\n"
    assert (await said(port, b"GET / HTTP/1.1\r\nhost: x\r\n" + full)).startswith(b"HTTP/1.1 200 ")


async def test_a_large_body_does_not_count_as_headers(port: int) -> None:
    body = b"b" * (4 * MAX_HEAD_BYTES)
    head = b"POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert (await said(port, head + body)).endswith(body)


async def test_pipelined_requests_are_answered_in_order(port: int, app: Application) -> None:
    first, *others = (b"GET /%s HTTP/1.1\r\nhost: x\r\n\r\n" % name for name in (b"slow", b"one", b"two"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first + b"".join(others))
    await eventually(lambda: app.asked == ["/slow"])
    app.go.set()
    answers = await asyncio.wait_for(reader.readuntil(b"/two:"), 10)
    assert answers.index(b"/slow:") < answers.index(b"/one:") < answers.index(b"/two:")
    writer.close()


async def test_rubbish_behind_a_request_does_not_cost_it_its_answer(port: int, app: Application) -> None:
    answering = asyncio.create_task(said(port, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\nNONSENSE\r\n\r\n"))
    await eventually(lambda: app.asked)
    app.go.set()
    answer = await answering
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"400" not in answer


async def test_nobody_fills_the_memory_with_pipelined_requests(port: int, app: Application) -> None:
    answering = asyncio.create_task(said(port, b"GET /slow HTTP/1.1\r\n\r\n" + REQUEST * 1000))
    await eventually(lambda: app.asked)
    app.go.set()
    assert (await answering).count(b"200 OK") == 1 + MAX_PIPELINED


async def test_asking_for_another_protocol_gets_the_answer_of_this_one(port: int) -> None:
    asking = b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    assert (await said(port, asking)).startswith(b"HTTP/1.1 200 ")


async def test_one_connection_too_many_takes_the_place_of_the_one_that_rests_longest(server: Server, port: int) -> None:
    server.server_state.limit = 2
    resting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    for reader, writer in resting:
        writer.write(REQUEST)
        await reader.readuntil(b"/:")
    assert b"200 OK" in await said(port, REQUEST[:-2] + b"connection: close\r\n\r\n")
    assert await asyncio.wait_for(resting[0][0].read(), 10) == b""
    resting[1][1].write(REQUEST)
    assert b"200 OK" in await resting[1][0].readuntil(b"/:")
    for _, writer in resting:
        writer.close()


async def test_no_connection_is_closed_for_another_while_its_request_is_handled(
    server: Server, port: int, app: Application
) -> None:
    server.server_state.limit = 1
    answering = asyncio.create_task(said(port, b"GET /slow HTTP/1.1\r\nconnection: close\r\n\r\n"))
    await eventually(lambda: app.asked)
    assert await said(port, REQUEST) == b""
    app.go.set()
    assert (await answering).startswith(b"HTTP/1.1 200 ")


def post(path: bytes, length: int, *, last: bool = False) -> bytes:
    ends = b"connection: close\r\n" if last else b""
    return b"POST %b HTTP/1.1\r\nhost: x\r\n%bcontent-length: %d\r\n\r\n" % (path, ends, length)


async def test_what_is_complete_is_taken_at_once(app: Application, port: int) -> None:
    together = post(b"/at-once/a", 3) + b"abc" + post(b"/at-once/b", 0) + post(b"/c", 2, last=True) + b"de"
    answer = await said(port, together)
    first, second, third = answer.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first.startswith(b"content-length: 14\r\ndate: ")
    assert first.endswith(b"\r\n\r\n/at-once/a:abc")
    assert second.endswith(b"\r\n\r\n/at-once/b:")
    assert third.endswith(b"\r\n\r\n/c:de")
    assert (app.asked, app.at_once_asked) == (["/at-once/a", "/at-once/b", "/c"], ["/at-once/a", "/at-once/b"])


async def test_a_body_that_comes_later_is_received_as_asgi_has_it(app: Application, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for length, first in ((4, b""), (4, b"ab")):
        app.asked.clear()
        writer.write(post(b"/at-once/a", length) + first)
        await eventually(lambda: app.asked)
        writer.write(b"abcd"[len(first) :])
        assert await asyncio.wait_for(reader.readuntil(b":abcd"), 5)
    writer.close()
    assert app.at_once_asked == []


async def test_who_is_asked_at_once_may_answer_later_and_the_next_one_waits(app: Application, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(b"/at-once/later", 0) + post(b"/at-once/next", 0))
    await eventually(lambda: app.answers)
    assert app.asked == ["/at-once/later"]
    app.answers[0](whole(b"it took a while"))
    assert (await asyncio.wait_for(reader.readuntil(b"/at-once/next:"), 5)).count(b"it took a while") == 1
    writer.close()


async def test_an_answer_may_end_the_connection(port: int) -> None:
    answer = await said(port, post(b"/at-once/last", 0) + post(b"/at-once/never", 0))
    assert answer.count(b"HTTP/1.1") == 1
    assert b"\r\nconnection: close\r\n\r\n/at-once/last:" in answer


async def test_an_answer_to_somebody_who_is_gone_is_none(server: Server, app: Application, port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(b"/at-once/later", 0))
    await eventually(lambda: app.answers)
    writer.close()
    await eventually(lambda: not server.server_state.connections)
    app.answers[0](whole(b"too late"))
    assert await said(port, post(b"/at-once/a", 0, last=True))


def test_of_those_who_wait_in_line_none_is_answered_after_their_sender_left() -> None:
    async def leave() -> None:
        app = Application()
        async with listening(app) as server:
            _, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
            writer.write(post(b"/at-once/later", 0) * 3)
            writer.write_eof()
            await eventually(lambda: app.answers)
            app.answers[0](whole(b"hello"))
            await eventually(lambda: not server.server_state.connections)
            for answer in app.answers:
                answer(whole(b"nobody is there"))
            writer.close()

    uvloop.run(leave())  # the event loop that our services have: it minds what asyncio's lets pass


async def test_what_is_taken_at_once_is_answered_before_garbage_behind_it_ends_the_connection(
    app: Application, port: int
) -> None:
    answer = asyncio.create_task(said(port, post(b"/at-once/later", 0) + b"garbage\r\n\r\n"))
    await eventually(lambda: app.answers)
    app.answers[0](whole(b"for the first one"))
    assert (await answer).count(b"HTTP/1.1") == 1
    assert answer.result().endswith(b"\r\nconnection: close\r\n\r\nfor the first one")


async def test_who_does_not_read_answers_gets_no_more_at_once(app: Application, port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(50):
        writer.write(post(b"/at-once/large", 0))
        await eventually(lambda: len(app.asked) > number)  # noqa: B023
        if len(app.at_once_asked) < len(app.asked):
            break
    assert len(app.at_once_asked) < len(app.asked) < 50
    writer.transport.abort()


async def test_a_request_that_waits_for_the_one_before_has_all_of_its_body(app: Application, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post(b"/slow", 0) + post(b"/next", 4) + b"ab")
    await eventually(lambda: app.asked)
    writer.write(b"cd")
    app.go.set()
    assert await asyncio.wait_for(reader.readuntil(b"/next:abcd"), 5)
    writer.close()
