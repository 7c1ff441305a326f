"""The recorder as a process of its own, as it runs in production, and what it needs of the machine."""

import asyncio
import contextlib
import os
import resource
import secrets
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from ops.embedded.children import free_port

_PASSWORD = secrets.token_urlsafe()
_READY = 60.0
"""Seconds the process may take to start."""


@dataclass(frozen=True)
class Recorder:
    """A running recorder."""

    pid: int
    url: str

    def peak_memory(self) -> float:
        """In MB; where there is no /proc, of all children so far."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_000_000
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1000

    @contextlib.asynccontextmanager
    async def visitor(self) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody who signed in by the form, over real HTTP."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=60) as client:
            deadline = time.monotonic() + _READY
            while True:
                with contextlib.suppress(httpx.TransportError):
                    signed_in = await client.post("/login", data={"name": "Bench", "password": _PASSWORD})
                    assert signed_in.status_code == 303, signed_in.text
                    break
                assert time.monotonic() < deadline, "the recorder does not listen"
                await asyncio.sleep(0.05)
            yield client


@contextlib.asynccontextmanager
async def recorder(nats_url: str, database: dict[str, str]) -> AsyncIterator[Recorder]:
    """Started; `database` are the variables that say how to reach it."""
    port = free_port()
    own = {
        "RECORDER_PORT": str(port),
        "RECORDER_OPS_PORT": "0",
        "DASHBOARD_PASSWORD": _PASSWORD,
        "LOG_LEVEL": "warning",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "recorder",
        env={"PATH": os.environ["PATH"], "NATS_URL": nats_url, **own, **database},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Recorder(process.pid, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        await process.wait()
