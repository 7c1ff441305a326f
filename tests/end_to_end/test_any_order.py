"""The services before anything they need is there, and at the end while everything they need hangs."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.bus.provisioning import apply
from ops.embedded.children import family, free_port
from ops.embedded.nats import EmbeddedNats
from ops.embedded.postgres import EmbeddedPostgres
from recorder.migrate import migrate
from support.waiting import eventually

LONGEST_END = 10.0
"""Seconds; a container engine that was given more would wait for us, one that was given less would kill."""

WAITS_FOR = {"recorder": {"bus", "database"}, "responder": {"nats"}, "transcriber": {"bus"}}
"""What each names as missing when nothing is there; the gateway works without any of it."""

_SET_ASIDE = 'frontdesk_messages_handled_total{{consumer="{}",outcome="refused"}} 0.0'
COUNTED_FROM_ZERO = {
    "gateway": [
        'frontdesk_webhooks_total{outcome="unavailable",provider="twilio",route="/webhooks/twilio/sms/incoming"} 0.0',
        'frontdesk_bus_errors_total{kind="permissions"} 0.0',
    ],
    "recorder": [_SET_ASIDE.format("recorder")],
    "responder": [_SET_ASIDE.format("responder-texts")],
    "transcriber": [_SET_ASIDE.format("transcriber-recordings")],
}
"""An alert on an increase sees the first event only of a counter that was there before it."""


@dataclass
class Running:
    """One service."""

    process: Process
    ops: int

    async def ready(self) -> tuple[int, dict[str, Any]]:
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"http://127.0.0.1:{self.ops}/readyz")
        return answer.status_code, answer.json()

    async def is_ready(self) -> bool:
        return (await self.ready())[0] == 200

    async def counters(self) -> list[str]:
        """What is counted, and to what, as Prometheus reads it."""
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.get(f"http://127.0.0.1:{self.ops}/metrics")).text.splitlines()


@pytest.fixture
def nats(tmp_path: Path) -> EmbeddedNats:
    """Not started."""
    (tmp_path / "nats").mkdir()
    return EmbeddedNats(tmp_path / "nats")


@pytest.fixture
def postgres(open_folders: Callable[[], Path]) -> EmbeddedPostgres:
    """Not started."""
    return EmbeddedPostgres(open_folders() / "postgres", durable=False)


@pytest.fixture
async def services(nats: EmbeddedNats, postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[dict[str, Running]]:
    started: dict[str, Running] = {}
    for name in ("gateway", *WAITS_FOR):
        ops = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "NATS_URL": nats.url(name),
            f"{name.upper()}_OPS_PORT": str(ops),
            "GATEWAY_PORT": "0",
            "RECORDER_PORT": "0",
            "DATABASE_URL": postgres.url,
            "SPOOL_DIR": str(tmp_path / "spool"),
            "WEBHOOK_LOG_FILE": str(tmp_path / "webhook.log"),
            "ENABLE_TRANSCRIPTION": "false",
        }
        command = (sys.executable, "-m", name)
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=tmp_path, stdout=DEVNULL, stderr=DEVNULL
        )
        started[name] = Running(process, ops)
    yield started
    for service in started.values():
        if service.process.returncode is None:
            service.process.kill()
            await service.process.wait()


async def test_services_wait_for_what_is_missing_and_end_in_time_while_it_hangs(
    services: dict[str, Running], nats: EmbeddedNats, postgres: EmbeddedPostgres
) -> None:
    for name, service in services.items():
        status, body = await eventually(service.ready, within=60)
        assert status == (503 if name in WAITS_FOR else 200)
        assert WAITS_FOR.get(name, set()) <= set(body["problems"])
    try:
        nats.start()
        postgres.start()
        await apply(nats.url())
        await asyncio.to_thread(migrate, postgres.url)
        for service in services.values():
            await eventually(service.is_ready, within=60)
        for name, lines in COUNTED_FROM_ZERO.items():
            assert set(lines) <= set(await services[name].counters())
        hung = [pid for server in (nats, postgres) if server.process for pid in family(server.process.pid)]
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        try:
            for service in services.values():
                service.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(LONGEST_END):
                codes = [await service.process.wait() for service in services.values()]
        finally:
            for pid in hung:
                os.kill(pid, signal.SIGCONT)
        assert set(codes) <= {0, 1}, "an end of their own accord, not a kill"
    finally:
        nats.stop()
        postgres.stop()
