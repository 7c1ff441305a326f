"""Postgres stops and the recorder is killed, both under load: nothing is lost or doubled, and it says so."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from chassis.bus import Bus
from contracts.call import CallStatusChanged
from contracts.topology import RECORDER
from ops.embedded.children import free_port
from ops.embedded.postgres import EmbeddedPostgres
from recorder.migrate import migrate
from support.backends import NatsServer
from support.consumers import settled
from support.recorder import as_its_role, event
from support.waiting import eventually

EVENTS_SENT = 3000


@pytest.fixture
def own_postgres(open_path: Path) -> Iterator[EmbeddedPostgres]:
    """A database that a test may stop."""
    server = EmbeddedPostgres(open_path / "postgres").start()
    migrate(server.url)
    yield server
    server.stop()
    shutil.rmtree(server.directory)


class Recorder:
    """The process, as an orchestrator would run it."""

    def __init__(self, nats_url: str, database_url: str) -> None:
        self._ops = free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "NATS_URL": nats_url,
            "DATABASE_URL": database_url,
            "RECORDER_PORT": str(free_port()),
            "RECORDER_OPS_PORT": str(self._ops),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "recorder"]
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def ready(self) -> bool | None:
        """None while nobody answers."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                return (await client.get(f"http://127.0.0.1:{self._ops}/readyz")).status_code == 200
        except httpx.TransportError:
            return None


async def test_nothing_is_lost_or_doubled_when_postgres_stops_and_the_recorder_is_killed(
    nats: NatsServer, operator: Bus, own_postgres: EmbeddedPostgres
) -> None:
    async def is_ready() -> bool:
        return await recorder.ready() is True

    async def is_red() -> bool:
        return await recorder.ready() is False

    async def load() -> None:
        for number in range(EVENTS_SENT):
            call, word = number % 500, f"word-{number // 500}"
            sent = event(CallStatusChanged, minute=number, call_sid=f"CA{call}", status=word, metadata={})
            await operator.publish(sent)

    recorder = Recorder(nats.url("recorder"), as_its_role(own_postgres.url))
    recorder.start()
    try:
        await eventually(is_ready, within=30)
        sending = asyncio.create_task(load())
        await asyncio.to_thread(own_postgres.stop)
        await eventually(is_red, within=30)
        recorder.kill()
        recorder.start()
        await asyncio.to_thread(own_postgres.start)
        await eventually(is_ready, within=30)
        recorder.kill()
        recorder.start()
        await sending
        # What the killed one had in hand comes back after its ack_wait.
        await eventually(lambda: settled(operator, RECORDER), within=90)
    finally:
        recorder.kill()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("select count(*), count(distinct id) from events").fetchone() == (EVENTS_SENT,) * 2
        assert connection.execute("select count(*) from phone_calls").fetchone() == (500,)
        assert connection.execute("select sum(n)::int from frontdesk.counts where kind = 'call'").fetchone() == (500,)
    assert (await operator.js.stream_info("DEAD_LETTERS")).state.messages == 0
