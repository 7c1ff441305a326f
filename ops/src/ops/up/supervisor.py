"""Keeping processes running: a crash is told and repaired, an ordered stop is respected, nothing happens silently."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.up.children import Child, kill

STOP_SECONDS = 6.5
"""From the polite signal to SIGKILL."""
SERVER_STOP_SECONDS = 2.5
"""The same for what the services stand on, once they are gone."""

_BACKOFF = (1.0, 2.0, 5.0, 10.0, 30.0)
_STEADY_SECONDS = 60.0
"""A child that ran this long has its crashes forgotten."""


@dataclass
class Watched:
    """A child and what the supervisor knows of it."""

    child: Child
    state: str = "stopped"
    crashes: int = 0
    started_at: float = 0.0
    restart_at: float = 0.0
    stop_by: float = 0.0


class Supervisor:
    """Reconciles what runs with what is wanted: everything, but what `frontdesk stop` asked to stand still.

    Orders and state are files in `directory`, so that a command needs no connection: `NAME.stopped` is an order,
    `status.json` the state.
    """

    def __init__(self, children: Sequence[Child], directory: Path, say: Callable[[str], None]) -> None:
        self._watched = [Watched(child) for child in children]
        self._directory = directory
        self._say = say
        self._written = ""
        directory.mkdir(parents=True, exist_ok=True)
        for order in directory.glob("*.stopped"):
            order.unlink()

    def start_all(self) -> None:
        """Start every child that does not run yet, in order."""
        for watched in self._watched:
            if watched.child.pid() is None:
                self._start(watched)
            watched.state = "running"
            watched.started_at = time.monotonic()
        self._write_status()

    async def watch(self, stop: asyncio.Event) -> None:
        """Reconcile until `stop` is set."""
        while not stop.is_set():
            for watched in self._watched:
                self._reconcile(watched)
            self._write_status()
            try:
                await asyncio.wait_for(stop.wait(), 0.1)
            except TimeoutError:
                continue

    async def stop_all(self) -> None:
        """Stop the children in reverse groups: services first, then what they stand on."""
        servers = {"nats", "postgres"}
        await self._stop([w.child for w in self._watched if w.child.name not in servers], STOP_SECONDS)
        await self._stop([w.child for w in self._watched if w.child.name in servers], SERVER_STOP_SECONDS)
        for watched in self._watched:
            watched.state = "stopped"
        self._write_status()

    async def _stop(self, children: list[Child], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for child in children:
            child.ask_to_stop()
        while any(child.pid() for child in children) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for child in children:
            if child.pid():
                self._say(f"{child.name} did not stop when asked: killed")
                kill(child)

    def _reconcile(self, watched: Watched) -> None:
        wanted = not (self._directory / f"{watched.child.name}.stopped").exists()
        running = watched.child.pid() is not None
        if running and not wanted and watched.state != "stopping":
            watched.state, watched.stop_by = "stopping", time.monotonic() + STOP_SECONDS
            watched.child.ask_to_stop()
        elif running and not wanted and time.monotonic() > watched.stop_by:
            self._say(f"{watched.child.name} did not stop when asked: killed")
            kill(watched.child)
        elif not running and not wanted and watched.state != "stopped":
            watched.state = "stopped"
            self._say(f"{watched.child.name} is stopped, as ordered; 'frontdesk start {watched.child.name}' starts it")
        elif not running and wanted:
            self._bring_back(watched)

    def _bring_back(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.state == "running":
            if now - watched.started_at > _STEADY_SECONDS:
                watched.crashes = 0
            delay = _BACKOFF[min(watched.crashes, len(_BACKOFF) - 1)]
            watched.crashes += 1
            watched.restart_at, watched.state = now + delay, "crashed"
            code = watched.child.exit_code()
            self._say(
                f"{watched.child.name} ended with {code} (time {watched.crashes}); starting it again in {delay:g} s"
            )
        elif now >= watched.restart_at:
            self._start(watched)

    def _start(self, watched: Watched) -> None:
        try:
            watched.child.start()
        except (RuntimeError, OSError) as error:
            watched.crashes += 1
            watched.state = "crashed"
            watched.restart_at = time.monotonic() + _BACKOFF[min(watched.crashes, len(_BACKOFF) - 1)]
            self._say(f"{watched.child.name} does not start: {error}")
            return
        watched.state, watched.started_at = "running", time.monotonic()

    def _write_status(self) -> None:
        status = {w.child.name: {"state": w.state, "pid": w.child.pid(), "crashes": w.crashes} for w in self._watched}
        text = json.dumps(status, indent=2)
        if text == self._written:
            return
        self._written = text
        draft = self._directory / "status.json.new"
        try:
            draft.write_text(text)
            draft.replace(self._directory / "status.json")
        except OSError as error:  # a full disk must not end the watch over the processes
            self._say(f"cannot write {draft}: {error.strerror}")
