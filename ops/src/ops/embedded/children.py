"""What embedded servers need: children that cannot outlive us, free ports, kept secrets."""

import contextlib
import ctypes
import secrets
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def dies_with_parent(sig: signal.Signals) -> Callable[[], None] | None:
    """A preexec function: the kernel sends `sig` to the child when the parent is gone. Linux only; elsewhere None.

    The signal follows the thread that started the child, so children are started from the main thread.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(sig))

    return arrange


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_loopback(url: str | urllib.request.Request, *, timeout: float) -> Any:
    """Ask an address of this machine, whatever proxy the environment names. Raises `OSError`."""
    return _DIRECT.open(url, timeout=timeout)


def family(pid: int) -> list[int]:
    """`pid` and everything that descends from it (Linux; elsewhere only itself)."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


_PORTS = range(15_000, 32_000)
"""Below the range the kernel takes ports for outgoing connections from: a port found free here stays free."""

_given: set[int] = set()
"""Ports this process was given: whoever got one may listen on it only later."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on, that no outgoing connection will take, and never the same twice.

    Raises `RuntimeError` when there is none left.
    """
    for port in secrets.SystemRandom().sample(_PORTS, len(_PORTS)):
        if port in _given:
            continue
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            _given.add(port)
            return port
    raise RuntimeError(f"no free port between {_PORTS.start} and {_PORTS.stop}")


def kept_secret(file: Path) -> str:
    """A random secret, made once and readable by us alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text().strip()
