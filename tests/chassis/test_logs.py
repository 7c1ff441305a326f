"""The console: whole lines, all of them or a number that says how many are missing, and nobody waits for it."""

import json
import os
import subprocess
import sys
from typing import IO, Any

import pytest


def started(code: str, *arguments: str, out: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """A process that logs."""
    prepared = f"import sys\nfrom chassis import logs\nlogs.configure('demo')\nlog = logs.get('demo.x')\n{code}"
    return subprocess.Popen([sys.executable, "-c", prepared, *arguments], stdout=out, stderr=subprocess.PIPE)


def read(pipe: IO[bytes] | None) -> list[dict[str, Any]]:
    """Every line, each of which has to be whole."""
    assert pipe is not None
    with pipe:
        return [json.loads(line) for line in pipe]


def ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process that complained about nothing."""
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(30) == 0


def test_the_last_line_of_a_process_is_written() -> None:
    process = started("for number in range(3_000): log.info('line', number=number)")
    assert [line["number"] for line in read(process.stdout)] == list(range(3_000))
    ended(process)


def test_processes_that_share_a_console_do_not_write_into_each_others_lines() -> None:
    reading, writing = os.pipe()
    code = "for number in range(1_000): log.info(sys.argv[1], number=number, more='x' * (number % 700))"
    processes = [started(code, name, out=writing) for name in "abcd"]
    os.close(writing)
    lines = read(os.fdopen(reading, "rb"))
    for name in "abcd":
        assert [line["number"] for line in lines if line["event"] == name] == list(range(1_000))
    for process in processes:
        ended(process)


def test_what_nobody_reads_in_time_is_counted_and_said_to_be_missing() -> None:
    code = """
from prometheus_client import REGISTRY
for number in range(20_000):
    log.info('line', number=number)
print(int(REGISTRY.get_sample_value('frontdesk_log_lines_dropped_total', {'log': 'console'})), file=sys.stderr)
"""
    process = started(code)
    assert process.stderr is not None
    dropped = int(process.stderr.readline())  # it got there although nobody has read a line
    lines = read(process.stdout)
    kept = [line["number"] for line in lines if line["event"] == "line"]
    assert kept == list(range(len(kept)))
    assert len(kept) + dropped == 20_000
    missing = [line["lines"] for line in lines if line["event"].startswith("log lines were dropped")]
    assert sum(missing) == dropped > 0
    ended(process)


def test_a_console_that_is_closed_disturbs_nobody() -> None:
    process = started("for number in range(1_000): log.info('line', number=number)\nprint('done', file=sys.stderr)")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.readline() == b"done\n"
    process.stderr.close()
    process.wait(30)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_line_made_elsewhere_appears_like_any_other(form: str) -> None:
    made = '{"event": "webhook", "status": 200}'
    code = f"logs.configure('demo', form='{form}')\nlogs.lines([b'{made}\\n'])"
    process = started(code)
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.read().decode()
    ended(process)
    assert line == f"{made}\n" if form == "json" else "webhook" in line and "status=200" in line
