"""The request log: every webhook has its line, and no disk, no other process and no console holds a webhook up."""

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gateway.edge.log_file import LogFile
from gateway.edge.request_log import NAME, Line, RequestLog
from support.events import NOON
from support.waiting import eventually

pytestmark = pytest.mark.filterwarnings("error")


def line(sid: str, detail: str | None = None) -> Line:
    return Line(
        provider="twilio",
        route="/webhooks/twilio/sms/incoming",
        outcome="accepted",
        status=200,
        event_ids=("b7dbd39c-a16c-5d9a-8fb5-4fa5ce5d6d8a",),
        sid=sid,
        detail=detail,
        client="203.0.113.5",
        milliseconds=1.5,
        trace_id="a" * 32,
    )


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(each) for each in file.read_text().splitlines()]


def sids(file: Path) -> list[str]:
    return [each["sid"] for each in lines(file)]


def count(metric: str) -> float:
    return REGISTRY.get_sample_value(metric, {"log": NAME}) or 0.0


def test_a_line_says_everything_and_masks_what_came_from_outside(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "logs" / "webhook.log")
    log.write(line("3475559876", "from +12125550123 is too long"), NOON)
    log.write(Line(None, None, "no_such_route", 404, (), None, None, None, 0.1, None), NOON)
    log.close()
    assert lines(tmp_path / "logs" / "webhook.log") == [
        {
            "timestamp": NOON.isoformat(),
            "level": "info",
            "event": "webhook",
            "service": "gateway",
            "provider": "twilio",
            "route": "/webhooks/twilio/sms/incoming",
            "outcome": "accepted",
            "status": 200,
            "event_ids": ["b7dbd39c-a16c-5d9a-8fb5-4fa5ce5d6d8a"],
            "sid": "***9876",
            "detail": "from ***0123 is too long",
            "client": "203.0.113.5",
            "milliseconds": 1.5,
            "trace_id": "a" * 32,
        },
        {
            "timestamp": NOON.isoformat(),
            "level": "info",
            "event": "webhook",
            "service": "gateway",
            "outcome": "no_such_route",
            "status": 404,
            "milliseconds": 0.1,
        },
    ]


def test_a_file_that_was_moved_or_deleted_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "webhook.log"
    log = RequestLog(file)
    log.write(line("one"), NOON)
    assert log.flush(10)
    file.rename(tmp_path / "moved.log")
    log.write(line("two"), NOON)
    assert log.flush(10)
    file.unlink()
    log.write(line("three"), NOON)
    log.close()
    assert (sids(tmp_path / "moved.log"), sids(file)) == (["one"], ["three"])


def test_a_folder_that_cannot_be_used_loses_no_line(tmp_path: Path) -> None:
    folder, failed = tmp_path / "logs", count("frontdesk_log_write_failed_total")
    log = RequestLog(folder / "webhook.log")
    folder.rename(tmp_path / "old")
    folder.write_text("in the way")
    for sid in ("one", "two"):
        log.write(line(sid), NOON)
        assert log.flush(10)
    assert count("frontdesk_log_write_failed_total") == failed + 2
    folder.unlink()
    log.write(line("three"), NOON)
    log.close()
    assert sids(folder / "webhook.log") == ["one", "two", "three"]


def test_what_the_memory_cannot_hold_is_counted_and_said_to_be_missing(tmp_path: Path) -> None:
    folder, dropped = tmp_path / "logs", count("frontdesk_log_lines_dropped_total")
    log = RequestLog(folder / "webhook.log", limit=3)
    folder.rename(tmp_path / "old")
    folder.write_text("in the way")
    for number in range(5):
        log.write(line(f"{number}"), NOON)
        assert log.flush(10)
    folder.unlink()
    log.close()
    missing, *kept = lines(folder / "webhook.log")
    assert (missing["level"], missing["lines"]) == ("error", 2)
    assert [each["sid"] for each in kept] == ["2", "3", "4"]
    assert count("frontdesk_log_lines_dropped_total") == dropped + 2


def test_a_disk_that_hangs_holds_up_no_webhook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, freed = threading.Event(), threading.Event()

    def write(descriptor: int, data: bytes) -> int:
        hangs.set()
        freed.wait(30)
        return really(descriptor, data)

    really, file = os.write, tmp_path / "webhook.log"
    log = RequestLog(file, limit=2)
    monkeypatch.setattr(os, "write", write)
    log.write(line("0"), NOON)
    assert hangs.wait(30)
    for number in range(1, 6):
        log.write(line(f"{number}"), NOON)  # returns, although nothing can be written
    freed.set()
    log.close()
    written = lines(file)
    assert [each["sid"] for each in written if "sid" in each] == ["0", "1", "2"]
    assert [each["lines"] for each in written if "lines" in each] == [3]


def test_a_full_disk_tears_no_other_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "webhook.log"
    log, really = LogFile(file), os.write
    room = [7, 0]

    def write(descriptor: int, data: bytes) -> int:
        left = room.pop(0) if room else len(data)
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really(descriptor, data[:left])

    monkeypatch.setattr(os, "write", write)
    waiting = [b"one\n", b"second\n", b"third\n"]
    del waiting[: log.append(waiting)]
    assert waiting == [b"second\n", b"third\n"]
    with pytest.raises(OSError, match="No space"):
        log.append(waiting)
    assert log.append(waiting) == 2
    assert file.read_text().splitlines() == ["one", "sec", "second", "third"]


def test_rotation_keeps_the_newest_files(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "webhook.log", max_bytes=10, kept=2)
    for number in range(5):
        log.append([f"line {number}\n".encode()])
    log.close()
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {"webhook.log": "line 4\n", "webhook.log.1": "line 3\n", "webhook.log.2": "line 2\n"}


WRITER = """
import sys
from pathlib import Path
from gateway.edge.log_file import LogFile
log = LogFile(Path(sys.argv[1]), max_bytes=20_000, kept=1000)
for start in range(0, 2000, 5):
    lines = [f"{sys.argv[2]} {number} {'x' * (number % 50)}\\n".encode() for number in range(start, start + 5)]
    assert log.append(lines) == 5
"""


async def test_processes_share_a_file_and_lose_no_line_when_it_is_rotated(tmp_path: Path) -> None:
    file = tmp_path / "webhook.log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, file, f"writer{name}"]) for name in range(4)]
    await eventually(lambda: all(writer.poll() is not None for writer in writers), within=60)
    assert [writer.returncode for writer in writers] == [0] * 4
    written = [each for part in tmp_path.iterdir() for each in part.read_text().splitlines()]
    assert len(list(tmp_path.iterdir())) > 10
    assert sorted(written) == sorted(f"writer{w} {n} {'x' * (n % 50)}" for w in range(4) for n in range(2000))
    assert all(part.stat().st_size < 22_000 for part in tmp_path.iterdir())


STUCK_CONSOLE = """
import sys
from pathlib import Path
from chassis import logs
from gateway.edge.request_log import RequestLog
from support.events import NOON
sys.path.insert(0, sys.argv[2])
from test_request_log import line
logs.configure("gateway")
log = RequestLog(Path(sys.argv[1]))
for number in range(5_000):
    log.write(line(f"{number}"), NOON)
    logs.get("gateway.x").warning("something", number=number)
assert log.flush(30)
sys.stderr.write("written\\n")
"""


async def test_a_console_that_nobody_reads_holds_up_neither_webhooks_nor_the_file(tmp_path: Path) -> None:
    file = tmp_path / "webhook.log"
    tests = Path(__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK_CONSOLE, file, Path(__file__).parent],
        env={**os.environ, "PYTHONPATH": str(tests)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"written\n"  # while nobody has read a byte of its console
    assert len(sids(file)) == 5_000
    assert process.wait(30) == 0
    process.stderr.close()
    assert process.stdout is not None
    process.stdout.close()
