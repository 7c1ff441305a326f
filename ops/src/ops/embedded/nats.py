"""The nats-server from its wheel, with one user per service."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Self

from ops.bus.configuration import Node, config
from ops.bus.permissions import OPERATOR, users
from ops.embedded.children import dies_with_parent, free_port, open_loopback


class EmbeddedNats:
    """A JetStream server on loopback whose data, passwords and log lie in `directory`."""

    def __init__(self, directory: Path, *, port: int | None = None, sync_interval: str = "always") -> None:
        """`sync_interval` is for comparisons: anything but `always` may lose events in a power cut."""
        self.directory = directory
        self._sync_interval = sync_interval
        self.port = port or free_port()
        self._monitor = free_port()
        self._passwords = _passwords(directory / "passwords.json")
        self.process: subprocess.Popen[bytes] | None = None
        self._log = directory / "nats.log"

    def url(self, user: str = OPERATOR) -> str:
        """Address with the credentials of `user`: a service's name, or the operator who may do everything."""
        return f"nats://{user}:{self._passwords[user]}@127.0.0.1:{self.port}"

    def configuration(self) -> str:
        """What is written to nats.conf."""
        return config(self.node())

    def node(self) -> Node:
        """Where this server listens and keeps its files."""
        return Node(
            listen=f"127.0.0.1:{self.port}",
            store_dir=str(self.directory / "store"),
            monitor=f"127.0.0.1:{self._monitor}",
            sync_interval=self._sync_interval,
        )

    def start(self) -> Self:
        """Start, and return when JetStream is ready. Raises `RuntimeError` with the server's words."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        """Start the process, without waiting for anything."""
        file = self.directory / "nats.conf"
        file.write_text(self.configuration())
        environment = {user.password_variable: self._passwords[user.name] for user in users()}
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(
                [binary(), "-c", str(file)],
                env={**environment, "PATH": os.environ.get("PATH", "")},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )

    def wait_ready(self) -> None:
        """Return when JetStream is ready. Raises `RuntimeError` with the server's words."""
        log = self._log
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"nats-server did not start: {log.read_text()[-800:]}")
            try:
                with open_loopback(f"http://127.0.0.1:{self._monitor}/healthz", timeout=1) as answer:
                    if json.load(answer).get("status") == "ok":
                        return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"nats-server was not ready within 20 s; see {log}")

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """Stop it and wait until it is gone."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


def binary() -> str:
    """Where the server's program is. Raises `RuntimeError`."""
    script = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(script) if script.exists() else shutil.which("nats-server")
    if found is None:
        raise RuntimeError("nats-server is missing: it comes with frontdesk-ops[local]")
    return found


def _passwords(file: Path) -> dict[str, str]:
    """One password per user, made once and kept readable by us alone."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = {user.name: known.get(user.name) or f"pw_{secrets.token_hex(24)}" for user in users()}
    if wanted != known:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(wanted))
    return wanted
