"""A whole Frontdesk, started like a user starts it: `frontdesk up` with its own data directory and free ports."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg
from psycopg.rows import dict_row

from chassis.environment import KNOWN
from ops.up.plan import PORTS
from support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
FRONTDESK = Path(sys.executable).parent / "frontdesk"


class Stack:
    """`frontdesk up` as a child process, with eyes (database, simulator, output) and hands (orders, signals)."""

    def __init__(self, directory: Path, **variables: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.data_dir = directory / "var"
        clean = {name: value for name, value in os.environ.items() if name.upper() not in KNOWN}
        self.environment = {
            **clean,
            **dict.fromkeys(PORTS, "0"),
            "DATA_DIR": str(self.data_dir),
            "PRACTICE_FILE": str(ROOT / "practice.toml"),
            **variables,
        }
        self.output: list[str] = []
        self.addresses: dict[str, str] = {}
        self.process: subprocess.Popen[str] | None = None

    async def start(self) -> Self:
        """Start it and wait until it says where everything is."""
        self.output.clear()
        self.process = subprocess.Popen(
            [FRONTDESK, "up"],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        await eventually(lambda: self._running() and any("is ready after" in line for line in self.output), within=120)
        lines = (self.data_dir / "frontdesk.env").read_text().splitlines()
        self.addresses = dict(line.split("=", 1) for line in lines)
        return self

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            self.output.extend(process.stdout)

    def _running(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"frontdesk up ended with {self.process.returncode}:\n{''.join(self.output)[-4000:]}")
        return True

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def pids(self) -> dict[str, int]:
        """Process ids by name, of what runs now."""
        import json

        status = json.loads((self.data_dir / "run" / "status.json").read_text())
        return {name: entry["pid"] for name, entry in status.items() if entry["pid"]}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `frontdesk WORDS` against this stack."""
        return subprocess.run(
            [FRONTDESK, *words],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What the database says."""
        with psycopg.connect(self.addresses["DATABASE_URL"], row_factory=dict_row) as connection:
            return connection.execute(query.encode(), values).fetchall()

    async def row(self, query: str, *values: Any, within: float = 30) -> dict[str, Any]:
        """The first row of `query`, as soon as there is one."""
        found: list[dict[str, Any]] = await eventually(lambda: self.rows(query, *values), within=within)
        return found[0]

    def simulator(self, path: str, body: Any = None) -> Any:
        """Ask the simulator (GET), or have it do something (POST with `body`)."""
        url = f"{self.addresses['SIMULATOR_URL']}/simulator{path}"
        answer = httpx.get(url, timeout=60) if body is None else httpx.post(url, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()
