"""Passing on what the processes print, without ever letting a stuck terminal hold them up."""

import queue
import sys
import threading
from typing import IO


class Relay:
    """Copies lines of many pipes to standard output. When nobody reads it, lines are dropped and counted."""

    def __init__(self, *, pending_lines: int = 10_000) -> None:
        self._lines: queue.Queue[bytes] = queue.Queue(pending_lines)
        self._dropped = 0
        threading.Thread(target=self._write, daemon=True, name="relay").start()

    def follow(self, pipe: IO[bytes]) -> None:
        """Copy every line of `pipe` until it ends."""
        threading.Thread(target=self._read, args=(pipe,), daemon=True, name="relay-reader").start()

    def say(self, line: str) -> None:
        """A line of our own, in order with the others."""
        self._put(f"{line}\n".encode())

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._put(line)

    def _put(self, line: bytes) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        out = sys.stdout.buffer
        while True:
            line = self._lines.get()
            try:
                if self._dropped and self._lines.empty():
                    out.write(f"[{self._dropped} lines were dropped: nobody read them]\n".encode())
                    self._dropped = 0
                out.write(line)
                out.flush()
            except (OSError, ValueError):
                pass  # the terminal is gone; the services are not
            finally:
                self._lines.task_done()

    def drain(self, seconds: float = 1.0) -> None:
        """Give what is pending a moment to be written, at the very end."""
        waiter = threading.Thread(target=self._lines.join, daemon=True)
        waiter.start()
        waiter.join(seconds)
