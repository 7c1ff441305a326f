"""Listening, and serving an application over HTTP inside a process that has other work too."""

import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from chassis import tally
from chassis.http import KEEP_ALIVE_SECONDS, Connections, PromptHttp
from chassis.settings import SettingsError

Asgi = Callable[..., Any]


@dataclass(frozen=True)
class Address:
    """Where to listen; `setting` names the variable to blame for a busy port."""

    host: str
    port: int
    setting: str

    def bind(self) -> socket.socket:
        """Listen. Raises `SettingsError`."""
        try:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            bound = socket.create_server((self.host, self.port), family=family, backlog=2048)
        except OSError as error:
            raise SettingsError([f"{self.setting}={self.port} on {self.host}: {error.strerror}"]) from error
        # asyncio does this only for sockets it made itself; without it every kept-alive answer waits 40 ms for an ACK
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound


@dataclass(frozen=True)
class Listener:
    """An ASGI application and where it listens."""

    app: Asgi
    address: Address


class Server(uvicorn.Server):
    """uvicorn without signal handlers (the process has one owner) and access log (URLs carry tokens and texts)."""

    def __init__(self, app: Asgi, *, uds: Path | None = None) -> None:
        """Without sockets, `serve` listens on the Unix socket `uds`."""
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",  # otherwise guessed from whether `__call__` is declared as a coroutine
                uds=str(uds) if uds else None,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=4,
                timeout_keep_alive=int(KEEP_ALIVE_SECONDS),
                http=PromptHttp,
                ws="none",
            )
        )
        self.server_state: Connections = Connections()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        self.server_state.hang_up()
        tally.flush()
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave signals to the process."""
        yield
