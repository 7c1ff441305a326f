"""The processes of the stack behind one small interface: start, look, stop."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ops.embedded.children import dies_with_parent, family, open_loopback
from ops.up.relay import Relay


class Child(Protocol):
    """A process the supervisor keeps."""

    name: str

    def start(self) -> None:
        """Start it; raises `RuntimeError` or `OSError` when that fails."""
        ...

    def exit_code(self) -> int | None:
        """None while it runs."""
        ...

    def pid(self) -> int | None:
        """Its process id while it runs."""
        ...

    def signal(self, sig: signal.Signals) -> None:
        """Send `sig` to it if it runs."""
        ...

    def ask_to_stop(self) -> None:
        """Send it its polite signal."""
        ...


class EmbeddedServer(Protocol):
    """The embedded NATS or Postgres."""

    process: subprocess.Popen[bytes] | None

    def spawn(self) -> None:
        """Start it."""
        ...

    def wait_ready(self) -> None:
        """Return when it can be used; raises `RuntimeError`."""
        ...


class _Process:
    """What every child does with its `Popen`."""

    name: str
    stop_signal: signal.Signals

    def _popen(self) -> subprocess.Popen[bytes] | None:
        raise LookupError(self.name)

    def exit_code(self) -> int | None:
        process = self._popen()
        return None if process is None else process.poll()

    def pid(self) -> int | None:
        process = self._popen()
        return process.pid if process is not None and process.poll() is None else None

    def signal(self, sig: signal.Signals) -> None:
        process = self._popen()
        if process is not None and process.poll() is None:
            process.send_signal(sig)

    def ask_to_stop(self) -> None:
        self.signal(self.stop_signal)


class ServerChild(_Process):
    """An embedded server."""

    def __init__(self, name: str, server: EmbeddedServer, stop_signal: signal.Signals) -> None:
        self.name, self.stop_signal = name, stop_signal
        self._server = server

    def start(self) -> None:
        """Start it; the services wait for it by themselves."""
        self._server.spawn()

    def wait_ready(self) -> None:
        """Return when it can be used; raises `RuntimeError`."""
        self._server.wait_ready()

    def _popen(self) -> subprocess.Popen[bytes] | None:
        return self._server.process


class ModuleChild(_Process):
    """`python -m NAME`, its output passed on by the relay."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, environment: Mapping[str, str], ready_url: str, relay: Relay) -> None:
        self.name = name
        self._environment = dict(environment)
        self._ready_url = ready_url
        self._relay = relay
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `ready` tells when it can work."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.name],
            env={**self._environment, "PYTHONUNBUFFERED": "1"},
            cwd=Path.cwd(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop them in order
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        if self._process.stdout is not None:
            self._relay.follow(self._process.stdout)

    def _popen(self) -> subprocess.Popen[bytes] | None:
        return self._process

    def problem(self) -> str | None:
        """What it waits for; None when it is ready and has everything. Blocks for at most two seconds."""
        try:
            with open_loopback(self._ready_url, timeout=2) as answer:
                missing: str | None = json.load(answer).get("degraded", {}).get("nats")
                return missing
        except urllib.error.HTTPError as error:
            return error.read().decode(errors="replace")[:500]
        except OSError as error:
            return f"does not answer yet ({error})"


def kill(child: Child) -> None:
    """The last resort, for a child that did not stop when asked: with all that descends from it.

    Postgres' backends have sessions of their own and would stay behind, holding the database.
    """
    pid = child.pid()
    for each in family(pid) if pid is not None else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
