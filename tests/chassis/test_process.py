"""The life of a service's process, from outside."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded.children import free_port
from support.waiting import eventually

SERVICE = """
import asyncio, os, sys
from contextlib import asynccontextmanager
from pathlib import Path
from chassis.process import Service, main
from chassis.settings import ServiceSettings
class Settings(ServiceSettings):
    gateway_ops_port: int = 0
broken = Path(sys.argv[1])
async def check():
    return "the file is there" if broken.exists() else None
@asynccontextmanager
async def work():
    yield
    await asyncio.sleep(float(os.environ.get("HANG", "0")))
def alive():
    return not Path(f"{broken}.dead").exists()
main("demo", Settings, lambda s: Service(
    "demo", s, (s.gateway_ops_port, "GATEWAY_OPS_PORT"), work, {"file": check}, alive=alive))
"""


class Process:
    def __init__(self, broken: str, **variables: str) -> None:
        self.port = int(variables.get("GATEWAY_OPS_PORT") or free_port())
        environment = {**os.environ, "GATEWAY_OPS_PORT": str(self.port), **variables}
        self.child = subprocess.Popen(
            [sys.executable, "-c", SERVICE, broken], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.child.kill()
        process.child.communicate()


async def test_health_readiness_and_metrics_tell_the_truth(tmp_path: object, processes: list[Process]) -> None:
    broken = f"{tmp_path}/broken"
    service = Process(broken)
    processes.append(service)
    assert (await eventually(lambda: service.get("/readyz")))[0] == 200
    assert service.get("/healthz")[0] == 200
    assert "frontdesk_ready" in service.get("/metrics")[1]
    Path(broken).touch()
    status, body = service.get("/readyz")
    assert status == 503
    assert json.loads(body)["problems"] == {"file": "the file is there"}


async def test_sigterm_ends_it_with_success(tmp_path: object, processes: list[Process]) -> None:
    service = Process(f"{tmp_path}/broken")
    processes.append(service)
    await eventually(lambda: service.get("/healthz"))
    service.child.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(service.child.wait, 10) == 0


async def test_a_hung_dependency_does_not_hang_the_exit(tmp_path: object, processes: list[Process]) -> None:
    service = Process(f"{tmp_path}/broken", HANG="600")
    processes.append(service)
    await eventually(lambda: service.get("/healthz"))
    service.child.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(service.child.wait, 15) == 1


async def test_a_process_that_only_a_restart_helps_ends(tmp_path: object, processes: list[Process]) -> None:
    broken = f"{tmp_path}/broken"
    service = Process(broken)
    processes.append(service)
    await eventually(lambda: service.get("/healthz"))
    Path(f"{broken}.dead").touch()
    assert service.get("/healthz")[0] == 500
    assert await asyncio.to_thread(service.child.wait, 30) == 1


async def test_it_says_with_which_settings_it_starts_and_never_a_secret(
    tmp_path: object, processes: list[Process]
) -> None:
    folder = Path(f"{tmp_path}/secrets")
    folder.mkdir()
    (folder / "nats_url").write_text("nats://demo:hunter2@127.0.0.1:4222\n")
    service = Process(f"{tmp_path}/broken", SECRETS_DIR=str(folder))
    processes.append(service)
    await eventually(lambda: service.get("/healthz"))
    service.child.send_signal(signal.SIGTERM)
    out, err = await asyncio.to_thread(service.child.communicate, None, 20)
    starting = next(line for line in map(json.loads, out.decode().splitlines()) if line["event"] == "starting")
    assert starting["settings"]["NATS_URL"] == "(set)"
    assert starting["settings"]["SECRETS_DIR"] == str(folder)
    assert b"hunter2" not in out + err


async def test_a_busy_port_is_blamed_on_its_variable(tmp_path: object, processes: list[Process]) -> None:
    first = Process(f"{tmp_path}/broken")
    processes.append(first)
    await eventually(lambda: first.get("/healthz"))
    second = Process(f"{tmp_path}/broken", GATEWAY_OPS_PORT=str(first.port))
    processes.append(second)
    out, _ = await asyncio.to_thread(second.child.communicate, None, 20)
    assert second.child.returncode == 2
    assert f"GATEWAY_OPS_PORT={first.port}" in out.decode()


def test_a_wrong_setting_ends_it_with_2_and_the_variable(tmp_path: object, processes: list[Process]) -> None:
    service = Process(f"{tmp_path}/broken", LOG_LEVEL="loud")
    processes.append(service)
    _, err = service.child.communicate(timeout=20)
    assert service.child.returncode == 2
    assert "LOG_LEVEL" in err.decode()
