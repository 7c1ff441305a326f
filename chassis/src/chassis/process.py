"""The life of a service's process: settings, ports, work, and an orderly end inside a deadline."""

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import uvloop

from chassis import logs, tally, tracing
from chassis.http import raise_file_limit
from chassis.metrics import BUILD, version_of
from chassis.ops_http import Check, Health, ops_app
from chassis.serving import Address, Asgi, Listener, Server
from chassis.settings import ServiceSettings, SettingsError, SettingsT, load
from chassis.stopping import lifeline, stop_signal, watchdog
from chassis.workers import Crew, Post, supervise

log = logs.get(__name__)

YOUNG_OBJECTS = 10_000
"""How many may be new before the collector looks for circles among them. With Python's 700 it looks several times while
one batch of requests is under way, and finds all of them in use."""


@dataclass(frozen=True)
class Service:
    """Everything `run` needs to know. `work` is entered at start and left, within the deadline, at the end."""

    name: str
    settings: ServiceSettings
    ops: tuple[int, str]
    """Port of health and metrics, and the variable that sets it."""
    work: Callable[[], AbstractAsyncContextManager[None]]
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What it cannot work without: makes it not ready."""
    degraded: Mapping[str, Check] = field(default_factory=dict)
    """What it works without for a while: only told."""
    alive: Callable[[], bool] = lambda: True
    listeners: tuple[Listener, ...] = ()
    ending: Callable[[], None] = lambda: None
    """Called when the process begins to stop: answers that would go on for ever must end now."""


def main(
    name: str,
    settings: type[SettingsT],
    build: Callable[[SettingsT], Service],
    crew: Callable[[SettingsT], Crew | None] = lambda _: None,
) -> None:
    """Entry point of a service: `--check-config` only validates. Exits 2 when a setting is wrong, naming it.

    With a `crew` this process only looks after workers, which run the same command and come through here too.
    """
    post = Post.given(sys.argv)
    try:
        loaded = load(settings)
        logs.configure(name, level=loaded.log_level, form=loaded.log_format)
        checking = "--check-config" in sys.argv[1:]
        wanted = None if checking or post else crew(loaded)
        life = supervise(name, wanted) if wanted else run(build(loaded), post)
    except SettingsError as error:
        for problem in error.problems:
            print(f"{name}: {problem}", file=sys.stderr)  # noqa: T201 - there is no log yet
        sys.exit(2)
    if checking:
        life.close()
        return
    if post is None:
        log.info("starting", settings=loaded.effective())
    sys.exit(_lived(life))


def _lived(life: Coroutine[Any, Any, int]) -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(life)


async def run(service: Service, post: Post | None = None) -> int:
    """Run until SIGTERM or SIGINT; on a worker's post also until the parent is gone. Returns the exit code.

    A process that only a restart helps ends as well, with exit code 1.
    """
    health = Health(service.name, service.checks, service.alive, service.degraded)
    try:
        servers, sockets = _servers(service, ops_app(health), post)
    except SettingsError as error:
        log.error("cannot listen", error=str(error))
        return 2
    BUILD.labels(service.name, version_of(service.name)).set(1)
    tracing.configure(service.name)
    raise_file_limit()
    stop = stop_signal()
    gc.collect()
    gc.freeze()  # what there is now stays: looking through it for garbage again and again would hold up requests
    gc.set_threshold(YOUNG_OBJECTS)
    tasks = [asyncio.create_task(server.serve(bound)) for server, bound in zip(servers, sockets, strict=True)]
    async with watchdog(stop), post.held(stop) if post else contextlib.nullcontext():
        async with service.work(), lifeline(service.alive, stop) as dead:
            await stop.wait()
            log.info("stopping")
            health.stopping = True
            service.ending()
            for server in servers[1:]:
                server.should_exit = True
            await asyncio.gather(*tasks[1:])
        servers[0].should_exit = True
        await tasks[0]
        tracing.shutdown()
    tally.flush()
    log.info("stopped")
    return 1 if dead.is_set() else 0


Sockets = list[list[socket.socket] | None]


def _servers(service: Service, ops: Asgi, post: Post | None) -> tuple[list[Server], Sockets]:
    """The ops port first, then the service's own; a worker has its parent's socket, and one for the parent's questions.

    Raises `SettingsError` when a port is taken.
    """
    if post is not None:
        (listener,) = service.listeners
        return [Server(ops, uds=post.control), Server(listener.app)], [None, [post.listening]]
    listeners = (Listener(ops, Address(service.settings.ops_host, *service.ops)), *service.listeners)
    return [Server(listener.app) for listener in listeners], [[listener.address.bind()] for listener in listeners]
