"""The service as it is run: a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
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
PORT, OPS_PORT = free_port(), free_port()
PAGE, OPS = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{OPS_PORT}"


@pytest.fixture
def process(nats: NatsServer, database_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "PATH": os.environ["PATH"],
        "NATS_URL": nats.url("recorder"),
        "DATABASE_URL": as_its_role(database_url),
        "DASHBOARD_PASSWORD": PASSWORD,
        "RECORDER_PORT": str(PORT),
        "RECORDER_OPS_PORT": str(OPS_PORT),
    }
    with (tmp_path / "recorder.log").open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "recorder"], env=environment, stdout=out, stderr=out)
        yield process
        process.kill()
        process.wait()


async def test_a_recorder_says_what_is_missing_records_shows_and_stops(
    process: subprocess.Popen[bytes], operator: Bus, database_url: str, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(trust_env=False, auth=("staff", PASSWORD)) as client:

        async def problems() -> dict[str, str]:
            found: dict[str, str] = (await client.get(f"{OPS}/readyz")).json()["problems"]
            return found

        async def shown() -> bool:
            return "my tooth hurts" in (await client.get(f"{PAGE}/api/messages")).text

        async def ready() -> bool:
            return not await problems()

        async def waits_for_migrations() -> bool:
            return await problems() == {"database": NOT_MIGRATED}

        await eventually(lambda: _listening(client))
        await eventually(waits_for_migrations)
        await operator.publish(text("my tooth hurts"))
        migrate(database_url)
        await eventually(ready)
        await eventually(shown)
        async with client.stream("GET", f"{PAGE}/live") as news:
            process.send_signal(signal.SIGTERM)
            assert (await news.aread()).startswith(b"retry: ")  # ends whole: an open page does not hold up the end
    assert process.wait(8) == 0
    log = (tmp_path / "recorder.log").read_text()
    assert '"event": "stopped"' in log
    for secret in (PASSWORD, "my tooth hurts", "+12125550123", ROLES_PASSWORD):
        assert secret not in log


async def _listening(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get(f"{OPS}/healthz")).status_code == 200
    except httpx.TransportError:
        return False
