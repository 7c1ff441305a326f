"""The supervisor, where its own surroundings fail."""

import asyncio
import signal
import subprocess
from pathlib import Path

from ops.up.supervisor import Supervisor
from support.waiting import eventually


class Sleeper:
    """A process that only waits."""

    name = "sleeper"

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(["sleep", "600"])

    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def signal(self, sig: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(sig)

    def ask_to_stop(self) -> None:
        self.signal(signal.SIGTERM)


async def test_a_state_that_cannot_be_written_does_not_end_the_watch(tmp_path: Path) -> None:
    (tmp_path / "status.json.new").mkdir()  # as a full disk would, this makes every write fail
    said: list[str] = []
    child, stop = Sleeper(), asyncio.Event()
    supervisor = Supervisor([child], tmp_path, said.append)
    supervisor.start_all()
    watching = asyncio.create_task(supervisor.watch(stop))
    before = child.pid()
    child.signal(signal.SIGKILL)
    await eventually(lambda: child.pid() not in (None, before))
    stop.set()
    await watching
    await supervisor.stop_all()
    assert child.pid() is None
    assert any("ended with -9" in line for line in said)
    assert any("cannot write" in line for line in said)
