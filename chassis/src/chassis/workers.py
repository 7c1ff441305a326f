"""Several worker processes behind one port: a parent that starts them, starts them again, and speaks for them.

All accept from one listening socket, which the parent keeps open: what waits in its queue while a worker dies or is
started again is taken by the others. A port of each worker's own (SO_REUSEPORT) would spread connections more evenly,
and lose those in the queue of the one that ended.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from prometheus_client.multiprocess import mark_process_dead

from chassis import logs
from chassis.crew_http import WORKER_RESTARTS, CrewHealth, WorkerDown, ask, exposition
from chassis.http import raise_file_limit
from chassis.metrics import BUILD, version_of
from chassis.ops_http import ops_app
from chassis.serving import Address, Server
from chassis.settings import SettingsError
from chassis.stopping import stop_signal, watchdog

log = logs.get(__name__)

LOOK_SECONDS = 5.0
"""How often a worker is asked whether it is alive, and how long it may take to answer."""

MISSED_LOOKS = 3
"""Unanswered, or answered with no, until a worker is killed."""

START_SECONDS = 60.0
"""How long a new worker may take until it answers: on a machine that just started, everything is slow."""

_DELAYS = (0.2, 1.0, 5.0, 15.0, 30.0)
"""Seconds before a worker is started again, after the first, second, … end in a row; the last one repeats."""

_STEADY_SECONDS = 60.0
"""A worker that lived for this long ended for a new reason."""

_FLAG = "--worker"


@dataclass(frozen=True)
class Crew:
    """How many workers serve `address`, and where the parent tells how they are."""

    workers: int
    address: Address
    ops: Address


@dataclass(frozen=True)
class Post:
    """What a worker is given by its parent."""

    listening: socket.socket
    control: Path
    """Unix socket for health and metrics."""

    @classmethod
    def given(cls, arguments: Sequence[str]) -> Self | None:
        """Read the command line; None for a process that is no worker."""
        if len(arguments) < 3 or arguments[-3] != _FLAG:
            return None
        return cls(socket.socket(fileno=int(arguments[-2])), Path(arguments[-1]))

    @contextlib.asynccontextmanager
    async def held(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Meanwhile, have `stop` set when the parent is gone, however it went: the kernel then closes our input."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

        async def watch() -> None:
            await reader.read()
            stop.set()

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()


class Worker:
    """A place for a worker process, which is filled again whenever it becomes empty."""

    def __init__(self, number: int, command: Sequence[str], listening: socket.socket, directory: Path) -> None:
        """`command` starts a process that finds its `Post` at the end of it."""
        self.number = number
        self.control = directory / f"worker-{number}.sock"
        self._command = command
        self._listening = listening
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self, stop: asyncio.Event) -> None:
        """Keep a worker running until `stop`, and then until it has ended."""
        ends = 0
        while not stop.is_set():
            began = asyncio.get_running_loop().time()
            code = await self._run(stop)
            if stop.is_set():
                return
            ends = 1 if asyncio.get_running_loop().time() - began > _STEADY_SECONDS else ends + 1
            WORKER_RESTARTS.inc()
            log.error("a worker ended; starting it again", worker=self.number, code=code, times=ends)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DELAYS[min(ends, len(_DELAYS)) - 1]):
                    await stop.wait()

    async def _run(self, stop: asyncio.Event) -> int:
        """One process, from its start to its end. Returns its exit code."""
        self.control.unlink(missing_ok=True)
        self._process = process = await asyncio.create_subprocess_exec(
            *(*self._command, _FLAG, str(self._listening.fileno()), str(self.control)),
            stdin=asyncio.subprocess.PIPE,
            pass_fds=(self._listening.fileno(),),
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(self._directory)},
        )
        ending = asyncio.create_task(self._end(process, stop))
        looking = asyncio.create_task(self._look(process))
        try:
            return await process.wait()
        finally:
            ending.cancel()
            looking.cancel()
            mark_process_dead(process.pid, str(self._directory))  # type: ignore[no-untyped-call]  # it has no types

    async def _end(self, process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
        await stop.wait()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()

    async def _look(self, process: asyncio.subprocess.Process) -> None:
        """Kill a worker that only a restart helps: it says so, its event loop stands still, or it does not get up."""
        patience = START_SECONDS / LOOK_SECONDS
        while patience > 0:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                status, _ = await ask(self.control, "/healthz", LOOK_SECONDS)
            except WorkerDown:
                status = 503
            patience = MISSED_LOOKS if status == 200 else patience - 1
        log.error("a worker does not answer; killing it", worker=self.number)
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def supervise(name: str, crew: Crew) -> int:
    """Look after workers until SIGTERM or SIGINT. Returns the exit code."""
    directory = Path(tempfile.mkdtemp(prefix=f"frontdesk-{name}-"))
    try:
        with crew.address.bind() as listening, crew.ops.bind() as ops:
            return await _supervise(name, crew, directory, listening, ops)
    except SettingsError as error:
        log.error("cannot listen", error=str(error))
        return 2
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _supervise(name: str, crew: Crew, directory: Path, listening: socket.socket, ops: socket.socket) -> int:
    BUILD.labels(name, version_of(name)).set(1)
    raise_file_limit()
    stop = stop_signal()
    command = (sys.executable, *sys.orig_argv[1:])
    workers = [Worker(number, command, listening, directory) for number in range(1, crew.workers + 1)]
    health = CrewHealth(name, {worker.number: worker.control for worker in workers})
    server = Server(ops_app(health, lambda: exposition(directory)))
    async with watchdog(stop):
        serving = asyncio.create_task(server.serve([ops]))
        keeping = [asyncio.create_task(worker.keep(stop)) for worker in workers]
        await stop.wait()
        log.info("stopping")
        health.stopping = True
        listening.close()  # whoever connects from now on is refused, instead of waiting in a queue nobody empties
        await asyncio.gather(*keeping)
        server.should_exit = True
        await serving
    log.info("stopped")
    return 0
