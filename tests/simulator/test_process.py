"""The program itself: settings, ready line, log, memory, end."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from simulator.settings import Settings, SettingsError
from support.simulator import ACCOUNT_SID, PATIENT, Gateway
from support.waiting import eventually

SETTINGS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": "twilio-secret",
    "TWILIO_PHONE_NUMBER": "+12125550100",
    "VOIPMS_USERNAME": "desk@example.org",
    "VOIPMS_PASSWORD": "voipms-secret",
    "VOIPMS_DID": "+12125550100",
    "WEBHOOK_BASE_URL": "http://127.0.0.1:9",
}
PROGRAM = [sys.executable, "-m", "simulator"]


def environment(**changes: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "VOIPMS", "WEBH"))}
    return {**inherited, **SETTINGS, **changes}


@pytest.fixture
def process(tmp_path: Path, gateway: Gateway) -> Iterator[subprocess.Popen[bytes]]:
    log = (tmp_path / "log").open("wb")
    with log, subprocess.Popen(PROGRAM, env=environment(GATEWAY_URL=gateway.url), stderr=log) as running:
        yield running
        running.kill()


async def ready(tmp_path: Path) -> str:
    found = await eventually(lambda: re.search(r"ready url=(\S+)", (tmp_path / "log").read_text()))
    return str(found[1])


async def test_it_says_where_it_is_and_ends_within_two_seconds_whatever_hangs(
    tmp_path: Path, process: subprocess.Popen[bytes]
) -> None:
    url = await ready(tmp_path)
    fault = {"target": "voipms.rest", "kind": "hang", "seconds": 60}
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.post("/simulator/faults", json=fault)).status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            await http.get("/api/v1/rest.php", timeout=0.2)
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert time.monotonic() - start < 2


async def test_it_is_small_and_logs_neither_numbers_nor_words_nor_secrets(
    tmp_path: Path, process: subprocess.Popen[bytes]
) -> None:
    url = await ready(tmp_path)
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) < 60_000
    async with httpx.AsyncClient(base_url=f"{url}/simulator") as http:
        for path in ("twilio/texts", "voipms/texts"):
            assert (await http.post(path, json={"from_number": PATIENT, "message": "canary"})).status_code == 200
    log = await eventually(lambda: "voipms.sms" in (tmp_path / "log").read_text() and (tmp_path / "log").read_text())
    assert "***0123" in log
    assert not re.search(r"canary|2125550123|secret", log)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("TWILIO_AUTH_TOKEN", ""),
        ("TWILIO_PHONE_NUMBER", "2125550100"),
        ("VOIPMS_PASSWORD", ""),
        ("VOIPMS_DID", "12345"),
        ("WEBHOOK_BASE_URL", ""),
        ("WEBHOOK_BASE_URL", "ftp://example.org"),
        ("WEBHOOK_BASE_URL", "https://me:secret@example.org"),
        ("GATEWAY_URL", "localhost:3001"),
        ("SIMULATOR_PORT", "70000"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, setting in {**SETTINGS, variable: value}.items():
        monkeypatch.setenv(name, setting)
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [variable]
    assert not value or value not in str(refused.value)


def test_without_settings_it_ends_with_2_and_names_all_that_are_missing() -> None:
    ended = subprocess.run(PROGRAM, env={"PATH": ""}, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 2
    assert re.findall(r"^simulator: (\w+): ", ended.stderr, re.MULTILINE) == list(SETTINGS)


def test_a_taken_port_is_named(gateway: Gateway) -> None:
    port = gateway.url.rpartition(":")[2]
    ended = subprocess.run(PROGRAM, env=environment(SIMULATOR_PORT=port), capture_output=True, text=True, timeout=20)
    assert (ended.returncode, "SIMULATOR_PORT" in ended.stderr) == (2, True)
