"""Who is measured: how each is started, and which id its events have."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.prepared import PATH, PUBLIC_URL, TOKEN, Prepared
from contracts import event_id
from ops.embedded.children import family, free_port, open_loopback

_ROOT = Path(__file__).parent
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Contender:
    """A program that takes Twilio's texts on `GATEWAY_PORT`."""

    name: str
    title: str
    command: tuple[str, ...]
    identity: Callable[[str], str]
    """Nats-Msg-Id of the event of a MessageSid."""
    nats_user: str = "operator"
    folder: Path = _ROOT.parent
    sync_interval: str = "2m"
    """Of the NATS server; two minutes is its default."""


def _event(sid: str) -> str:
    return event_id("twilio", "sms", sid, "received")


_GATEWAY = (sys.executable, "-m", "gateway")
_GUNICORN = (str(_BIN / "gunicorn"), "--worker-class", "gthread", "--threads", "16", "--log-level", "warning",
             "--keep-alive", "65", "--bind", "127.0.0.1:{port}", "app:app")  # fmt: skip

GATEWAY = Contender("gateway", "Frontdesk's gateway", _GATEWAY, _event, "gateway")
CEILING = Contender(
    "ceiling", "the ceiling: smallest ASGI app", (sys.executable, "-m", "bench.ceiling"), _event, "gateway"
)
PAST_ASGI = Contender(
    "past_asgi",
    "the same past ASGI, as the gateway",
    (sys.executable, "-m", "bench.ceiling", "--past-asgi"),
    _event,
    "gateway",
)
EXPRESS = Contender("express", "Express, twilio, nats.js", ("node", "app.mjs"), str, folder=_ROOT / "peers" / "express")
FLASK = Contender("flask", "Flask, twilio, nats-py", _GUNICORN, str, folder=_ROOT / "peers" / "flask")
SYNCED = Contender(
    "synced", "Frontdesk's gateway, `sync_interval: always`", _GATEWAY, _event, "gateway", sync_interval="always"
)


class Running:
    """A contender's processes."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process

    def cpu_seconds(self) -> float:
        """Processor time used so far, by all its processes and threads."""
        ticks = 0
        for pid in family(self._process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> tuple[float, float]:
        """Resident and proportional set size in MB, of all its processes."""
        rss = pss = 0
        for pid in family(self._process.pid):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, *rest = line.split()
                rss += int(rest[0]) if name == "Rss:" else 0
                pss += int(rest[0]) if name == "Pss:" else 0
        return rss / 1024, pss / 1024


@contextlib.contextmanager
def running(contender: Contender, nats_url: str, scratch: Path, core: int, first: Prepared) -> Iterator[Running]:
    """Start a contender on one core, and return once it accepted the `first` webhook."""
    port = free_port()
    command = [part.format(port=port) for part in contender.command]
    with (scratch / "console.log").open("wb") as console:
        process = subprocess.Popen(
            command,
            cwd=contender.folder,
            env=_environment(nats_url, scratch, port),
            stdout=console,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    try:
        _until_accepted(process, port, first, scratch)
        yield Running(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(nats_url: str, scratch: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "NATS_URL": nats_url,
        "WEBHOOK_BASE_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "GATEWAY_PORT": str(port),
        "GATEWAY_OPS_PORT": str(free_port()),
        "RATE_LIMIT_VERIFIED": "1000000/second",
        "WEBHOOK_LOG_FILE": str(scratch / "webhook.log"),
        "SPOOL_DIR": str(scratch / "spool"),
        "NODE_ENV": "production",
    }


def _until_accepted(process: subprocess.Popen[bytes], port: int, webhook: Prepared, scratch: Path) -> None:
    headers = {"X-Twilio-Signature": webhook.signature, "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", webhook.body.encode(), headers)
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with open_loopback(request, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"it did not start: {(scratch / 'console.log').read_text()[-2000:]}")
