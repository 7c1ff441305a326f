"""Several processes behind one port, from outside."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.workers import Worker
from ops.embedded.children import family, free_port
from support.waiting import eventually

SERVICE = """
import asyncio, contextlib, os, sys
from pathlib import Path
from prometheus_client import Counter
from chassis.process import Service, main
from chassis.serving import Address, Listener
from chassis.settings import ServiceSettings
from chassis.workers import Crew

SERVED = Counter("demo_served_total", "Requests served")
FOLDER = Path(sys.argv[1])

class Settings(ServiceSettings):
    gateway_port: int
    gateway_ops_port: int

def address(settings):
    return Address("127.0.0.1", settings.gateway_port, "GATEWAY_PORT")

async def app(scope, receive, send):
    if scope["path"] == "/slow":
        (FOLDER / "slow").touch()
        while not (FOLDER / "go").exists():
            await asyncio.sleep(0.01)
    SERVED.inc()
    said = str(os.getpid()).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})

async def broken():
    return "the file is there" if (FOLDER / "broken").exists() else None

@contextlib.asynccontextmanager
async def work():
    yield

def build(settings):
    return Service("demo", settings, (settings.gateway_ops_port, "GATEWAY_OPS_PORT"), work, {"file": broken},
                   listeners=(Listener(app, address(settings)),))

def crew(settings):
    return Crew(2, address(settings), Address("127.0.0.1", settings.gateway_ops_port, "GATEWAY_OPS_PORT"))

main("demo", Settings, build, crew)
"""


def command(folder: Path) -> list[str]:
    program = folder / "demo.py"
    program.write_text(SERVICE)
    return [sys.executable, str(program), str(folder)]


async def whoever(port: int, path: str = "/") -> int:
    """The process that takes a new connection."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return int((await client.get(f"http://127.0.0.1:{port}{path}")).text)


class Demo:
    """The service, its parent process and its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.ops_port = free_port(), free_port()
        variables = {"GATEWAY_PORT": str(self.port), "GATEWAY_OPS_PORT": str(self.ops_port)}
        self.parent = subprocess.Popen(command(folder), env={**os.environ, **variables})
        self.http = httpx.AsyncClient(trust_env=False, timeout=20)

    def workers(self) -> set[int]:
        return set(family(self.parent.pid)[1:])

    async def whoever(self, path: str = "/") -> int:
        return await whoever(self.port, path)

    async def ops(self, path: str) -> httpx.Response:
        return await self.http.get(f"http://127.0.0.1:{self.ops_port}{path}")

    async def readiness(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.ops("/readyz")).json()
        return answer

    async def served(self) -> float:
        lines = (await self.ops("/metrics")).text.splitlines()
        return float(next(line for line in lines if line.startswith("demo_served_total ")).split()[1])

    async def complete(self) -> bool:
        answer = await self.readiness()
        return bool(answer["ready"] and not answer["degraded"])


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    demo = Demo(tmp_path)
    await eventually(demo.complete, within=30)
    yield demo
    await demo.http.aclose()
    demo.parent.kill()
    demo.parent.wait()


async def test_all_take_requests_and_the_metrics_are_everybodys(demo: Demo) -> None:
    def spread() -> Any:
        return asyncio.gather(*(demo.whoever() for _ in range(20)))

    seen: Counter[int] = Counter()
    while len(seen) < 2:
        seen.update(await asyncio.wait_for(spread(), 30))
    assert set(seen) == demo.workers()
    assert await demo.served() == seen.total()
    assert (await demo.ops("/healthz")).status_code == 200
    assert "frontdesk_ready" in (await demo.ops("/metrics")).text


async def test_a_worker_that_dies_is_replaced_and_what_it_counted_is_kept(demo: Demo) -> None:
    victim = await demo.whoever()
    served = await demo.served()
    os.kill(victim, signal.SIGKILL)
    await eventually(lambda: victim not in demo.workers() and len(demo.workers()) == 2, within=20)
    await eventually(demo.complete, within=20)
    assert await demo.served() == served
    assert "frontdesk_worker_restarts_total 1.0" in (await demo.ops("/metrics")).text


async def test_while_one_is_down_the_other_takes_every_request(demo: Demo) -> None:
    victim = await demo.whoever()
    (survivor,) = demo.workers() - {victim}
    os.kill(victim, signal.SIGSTOP)
    os.kill(victim, signal.SIGKILL)
    assert set(await asyncio.gather(*(demo.whoever() for _ in range(10)))) <= {survivor, *demo.workers()}
    assert (await demo.readiness())["ready"]


async def test_what_keeps_a_worker_from_being_ready_is_told(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    answer = await demo.ops("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"file": "worker 1: the file is there"}


async def test_sigterm_answers_what_is_in_flight_and_ends_everybody(demo: Demo, tmp_path: Path) -> None:
    workers = demo.workers()
    answering = asyncio.create_task(demo.whoever("/slow"))
    await eventually((tmp_path / "slow").exists)
    demo.parent.terminate()
    await eventually(lambda: refuses(demo.port))
    (tmp_path / "go").touch()
    assert await answering in workers
    assert await asyncio.to_thread(demo.parent.wait, 20) == 0
    assert not running(workers)


async def test_workers_do_not_outlive_a_parent_that_is_killed(demo: Demo) -> None:
    workers = demo.workers()
    demo.parent.kill()
    await eventually(lambda: not running(workers), within=20)


async def test_a_worker_that_hangs_is_killed_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.LOOK_SECONDS", 0.5)
    monkeypatch.setattr("chassis.workers.START_SECONDS", 6.0)
    monkeypatch.setenv("GATEWAY_PORT", "0")
    monkeypatch.setenv("GATEWAY_OPS_PORT", "0")
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        worker = Worker(1, command(tmp_path), listening, tmp_path)
        keeping = asyncio.create_task(worker.keep(stop))
        port = listening.getsockname()[1]
        hung = await whoever(port)
        os.kill(hung, signal.SIGSTOP)
        assert await whoever(port) != hung
        stop.set()
        await keeping


def running(processes: set[int]) -> set[int]:
    return {pid for pid in processes if Path(f"/proc/{pid}/stat").exists() and " Z " not in stat(pid)}


def stat(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text()


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False
