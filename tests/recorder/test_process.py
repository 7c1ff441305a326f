"""The service as it is run: a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from chassis.bus import Bus
from ops.embedded.children import free_port
from recorder.database import NOT_MIGRATED
from recorder.migrate import migrate
from support.backends import NatsServer
from support.events import text
from support.recorder import ROLES_PASSWORD, as_its_role
from support.waiting import eventually

PASSWORD = "open-sesame"


@dataclass
class Recorder:
    """The process, where it listens, and what it wrote. Its ports are taken right before it starts: who picks one long
    before may find somebody else there."""

    log: Path
    port: int = field(default_factory=free_port)
    ops_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ops(self) -> str:
        return f"http://127.0.0.1:{self.ops_port}"

    def start(self, variables: dict[str, str]) -> None:
        environment = {**variables, "RECORDER_PORT": str(self.port), "RECORDER_OPS_PORT": str(self.ops_port)}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-m", "recorder"], env=environment, stdout=out, stderr=out)

    async def listening(self, client: httpx.AsyncClient) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return (await client.get(f"{self.ops}/healthz")).status_code == 200


@pytest.fixture
def recorder(nats: NatsServer, database_url: str, tmp_path: Path) -> Iterator[Recorder]:
    recorder = Recorder(tmp_path / "recorder.log")
    recorder.start(
        {
            "PATH": os.environ["PATH"],
            "NATS_URL": nats.url("recorder"),
            "DATABASE_URL": as_its_role(database_url),
            "DASHBOARD_PASSWORD": PASSWORD,
        }
    )
    yield recorder
    recorder.process.kill()
    recorder.process.wait()


async def test_a_recorder_says_what_is_missing_records_shows_and_stops(
    recorder: Recorder, operator: Bus, database_url: str
) -> None:
    async with httpx.AsyncClient(trust_env=False, auth=("staff", PASSWORD)) as client:

        async def problems() -> dict[str, str]:
            found: dict[str, str] = (await client.get(f"{recorder.ops}/readyz")).json()["problems"]
            return found

        async def shown() -> bool:
            return "my tooth hurts" in (await client.get(f"{recorder.page}/api/messages")).text

        async def ready() -> bool:
            return not await problems()

        async def waits_for_migrations() -> bool:
            return await problems() == {"database": NOT_MIGRATED}

        await eventually(lambda: recorder.listening(client))
        await eventually(waits_for_migrations)
        await operator.publish(text("my tooth hurts"))
        migrate(database_url)
        await eventually(ready)
        await eventually(shown)
        async with client.stream("GET", f"{recorder.page}/live") as news:
            recorder.process.send_signal(signal.SIGTERM)
            assert (await news.aread()).startswith(b"retry: ")  # ends whole: an open page does not hold up the end
    assert recorder.process.wait(8) == 0
    log = recorder.log.read_text()
    assert '"event": "stopped"' in log
    for secret in (PASSWORD, "my tooth hurts", "+12125550123", ROLES_PASSWORD):
        assert secret not in log
