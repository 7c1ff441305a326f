"""Writing lines without waiting for where they go: a stuck terminal or a slow disk must not hold up the work."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from chassis.metrics import LOG_LINES_DROPPED

ItemT = TypeVar("ItemT")

_BATCH = 500

_GATHER_SECONDS = 0.05
"""How long lines gather before they are written. Waking the thread for each would cost more than the line itself: with
one interpreter lock, every wake-up takes turns away from the work."""


class BackgroundWriter(Generic[ItemT]):
    """A bounded queue and a thread that empties it. What does not fit is dropped, counted, and said to be missing."""

    def __init__(
        self, name: str, write: Callable[[list[ItemT]], None], missing: Callable[[int], ItemT], *, limit: int = 10_000
    ) -> None:
        """`write` gets what there is, a few hundred at a time, and may block; `missing` makes the line that says how
        many are missing. `name` is the metric's label. `limit` is in lines.
        """
        self._name = name
        LOG_LINES_DROPPED.labels(name)  # there before the first is dropped, as an alert needs it
        self._write = write
        self._missing = missing
        self._limit = limit
        self._lock = threading.Lock()
        self._dropped = 0
        self._queue: deque[ItemT | threading.Event] = deque()
        self._told = False
        """The thread knows, or will before it sleeps, that there is something in the queue."""
        self._something = threading.Event()
        self._hurry = threading.Event()
        threading.Thread(target=self._run, daemon=True, name=f"{name}-writer").start()

    def put(self, item: ItemT) -> None:
        """Queue one line. Never blocks and never raises."""
        if len(self._queue) >= self._limit:
            self.drop(1)
            return
        self._queue.append(item)
        self._tell()

    def put_all(self, items: Sequence[ItemT]) -> None:
        """Queue lines that were made together, as many as there is room for. Never blocks and never raises."""
        room = max(0, self._limit - len(self._queue))
        self._queue.extend(items[:room])
        if len(items) > room:
            self.drop(len(items) - room)
        self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._something.set()

    def drop(self, lines: int) -> None:
        """Count lines that will never be written."""
        LOG_LINES_DROPPED.labels(self._name).inc(lines)
        with self._lock:
            self._dropped += lines

    def flush(self, seconds: float) -> bool:
        """Wait until everything queued so far is written; False when that took longer than `seconds`."""
        written = threading.Event()
        self._queue.append(written)
        self._hurry.set()
        self._something.set()
        return written.wait(seconds)

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._hurry.wait(_GATHER_SECONDS)
            self._something.clear()
            self._hurry.clear()
            self._told = False  # before the queue is read: what comes after that wakes us again
            while self._queue:
                self._write_some()

    def _write_some(self) -> None:
        """Everything that waits, up to a batch."""
        taken = [self._queue.popleft() for _ in range(min(len(self._queue), _BATCH))]
        flushed = [item for item in taken if isinstance(item, threading.Event)]
        batch = [item for item in taken if not isinstance(item, threading.Event)]
        if batch:
            self._hand_over(batch)
        if self._dropped:
            with self._lock:
                dropped, self._dropped = self._dropped, 0
            self._hand_over([self._missing(dropped)])
        for written in flushed:
            written.set()

    def _hand_over(self, batch: list[ItemT]) -> None:
        try:
            self._write(batch)
        except Exception:  # whatever it is, it must not end the log; where would it be said?
            self.drop(len(batch))
