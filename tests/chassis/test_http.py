"""Connections that do not get to the point."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from chassis.http import PromptH11
from chassis.process import _Server


async def hello(scope: object, receive: object, send: object) -> None:
    """The smallest application."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"hello"})  # type: ignore[operator]


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr("chassis.http.HEADER_SECONDS", 0.3)
    bound = socket.create_server(("127.0.0.1", 0))
    server = _Server(hello)
    assert server.config.http is PromptH11
    task = asyncio.create_task(server.serve(sockets=[bound]))
    yield bound.getsockname()[1]
    server.should_exit = True
    await task


REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize("said", [b"", b"POST /voice/incoming HTTP/1.1\r\nhost: x\r\n"])
async def test_who_does_not_finish_the_headers_is_cut_off(port: int, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    assert await asyncio.wait_for(reader.read(), 10) == b""  # ends when the server closes
    writer.close()


async def test_dripping_bytes_buys_no_time(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    closed = asyncio.create_task(reader.read())
    while not closed.done():
        writer.write(b"G")
        await asyncio.wait({closed}, timeout=0.05)
    assert await closed == b"" or b"400" in await closed


async def test_an_ordinary_connection_may_rest_between_requests(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(REQUEST)
        assert b"200 OK" in await reader.readuntil(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.6)  # longer than headers may take
    writer.close()
