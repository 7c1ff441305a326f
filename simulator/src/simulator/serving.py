"""Listening until told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from simulator.app import build
from simulator.connections import Connections
from simulator.settings import Settings, SettingsError

_GRACE_SECONDS = 1


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """Serve inside the block; gives the URL. Raises `SettingsError` when the port is taken."""
    with _bind(settings.simulator_host, settings.simulator_port) as bound:
        url = settings.simulator_base_url or f"http://{settings.simulator_host}:{bound.getsockname()[1]}"
        connections = Connections()
        server = _Server(
            uvicorn.Config(
                build(settings, url, connections),
                http=connections.protocol(),
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        try:
            yield url
        finally:
            server.should_exit = True
            await task


def _bind(host: str, port: int) -> socket.socket:
    try:
        bound = socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise SettingsError([f"SIMULATOR_PORT: {port} on {host}: {error.strerror}"]) from error
    # asyncio only does this for sockets that name their protocol; without, every second answer waits 40 ms for an ACK
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: the process has one owner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
