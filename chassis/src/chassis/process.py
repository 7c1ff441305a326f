"""The life of a service's process: settings, ports, work, and an orderly end inside a deadline."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from chassis import logs
from chassis.http import PromptH11, raise_file_limit
from chassis.ops_http import Check, Health, ops_app
from chassis.settings import ServiceSettings, SettingsError, SettingsT, load

log = logs.get(__name__)

SHUTDOWN_SECONDS = 6.0
"""From SIGTERM to the end of the process, whatever hangs."""

Asgi = Callable[..., Any]


@dataclass(frozen=True)
class Listener:
    """An ASGI application and where it listens; `setting` names the variable to blame for a busy port."""

    app: Asgi
    host: str
    port: int
    setting: str


@dataclass(frozen=True)
class Service:
    """Everything `run` needs to know. `work` is entered at start and left, within the deadline, at the end."""

    name: str
    settings: ServiceSettings
    ops: tuple[int, str]
    """Port of health and metrics, and the variable that sets it."""
    work: Callable[[], AbstractAsyncContextManager[None]]
    checks: Mapping[str, Check] = field(default_factory=dict)
    alive: Callable[[], bool] = lambda: True
    listeners: tuple[Listener, ...] = ()


def main(name: str, settings: type[SettingsT], build: Callable[[SettingsT], Service]) -> None:
    """Entry point of a service: `--check-config` only validates. Exits 2 when a setting is wrong, naming it."""
    try:
        loaded = load(settings)
        logs.configure(name, level=loaded.log_level, form=loaded.log_format)
        service = build(loaded)
    except SettingsError as error:
        for problem in error.problems:
            print(f"{name}: {problem}", file=sys.stderr)  # noqa: T201 - there is no log yet
        sys.exit(2)
    if "--check-config" in sys.argv[1:]:
        return
    log.info("starting", settings=loaded.effective())
    sys.exit(asyncio.run(run(service)))


async def run(service: Service) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code."""
    health = Health(service.name, service.checks, service.alive)
    port, setting = service.ops
    listeners = (Listener(ops_app(health), service.settings.ops_host, port, setting), *service.listeners)
    try:
        sockets = [_bind(listener) for listener in listeners]
    except SettingsError as error:
        log.error("cannot listen", error=str(error))
        return 2
    raise_file_limit()
    stop = _stop_signal()
    servers = [_Server(listener.app) for listener in listeners]
    tasks = [asyncio.create_task(server.serve(sockets=[bound])) for server, bound in zip(servers, sockets, strict=True)]
    async with _watchdog(stop):
        async with service.work():
            await stop.wait()
            log.info("stopping")
            health.stopping = True
            for server in servers[1:]:
                server.should_exit = True
            await asyncio.gather(*tasks[1:])
        servers[0].should_exit = True
        await tasks[0]
    log.info("stopped")
    return 0


def _bind(listener: Listener) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
        bound = socket.create_server((listener.host, listener.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError([f"{listener.setting}={listener.port} on {listener.host}: {error.strerror}"]) from error
    # asyncio does this only for sockets it made itself; without it every kept-alive answer waits 40 ms for an ACK
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


@contextlib.asynccontextmanager
async def _watchdog(stop: asyncio.Event) -> AsyncIterator[None]:
    """End the process when an orderly end takes too long: a hung dependency must not hang the exit."""

    async def bark() -> None:
        await stop.wait()
        await asyncio.sleep(SHUTDOWN_SECONDS)
        log.error("still not stopped; leaving anyway", after_seconds=SHUTDOWN_SECONDS)
        os._exit(1)

    task = asyncio.create_task(bark())
    try:
        yield
    finally:
        task.cancel()


class _Server(uvicorn.Server):
    """uvicorn without signal handlers (the process has one owner) and access log (URLs carry tokens and texts)."""

    def __init__(self, app: Asgi) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=4,
                timeout_keep_alive=65,
                http=PromptH11,
                ws="none",
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave signals to `run`."""
        yield
