"""Counters in this process, for the `limits` library.

Its own memory storage neither bounds how many counters there are nor can afford many: it looks at all of them after
every hit, which at 100,000 addresses takes the event loop 12 ms for each failure an attacker sends.
"""

import time
from collections.abc import Callable

from limits.aio.storage import Storage


class BoundedMemory(Storage):
    """Fixed windows, at most `size` of them; beyond that the oldest one is forgotten. Every step takes O(1)."""

    STORAGE_SCHEME = None  # made here, not by URL

    def __init__(self, size: int, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._size = size
        self._clock = clock
        self._windows: dict[str, tuple[int, float]] = {}
        """Count and end by key, in the order in which they began."""

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a storage that is away raises: never, here."""
        return OSError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter, which began now if it was not there; its new value."""
        now = self._clock()
        count, end = self._windows.get(key, (0, 0.0))
        if end <= now:
            self._windows.pop(key, None)  # begins anew, at the end of the order
            self._make_room(now)
            count, end = 0, now + expiry
        self._windows[key] = (count + amount, end)
        return count + amount

    async def get(self, key: str) -> int:
        """A counter's value."""
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > self._clock() else 0

    async def get_expiry(self, key: str) -> float:
        """When a counter ends, in seconds since 1970; now when there is none."""
        now = self._clock()
        return max(now, self._windows.get(key, (0, now))[1])

    async def clear(self, key: str) -> None:
        """Forget a counter."""
        self._windows.pop(key, None)

    async def reset(self) -> int:
        """Forget all of them; how many there were."""
        forgotten = len(self._windows)
        self._windows.clear()
        return forgotten

    async def check(self) -> bool:
        """Whether it can be used."""
        return True

    def _make_room(self, now: float) -> None:
        while self._windows:
            oldest = next(iter(self._windows))
            if len(self._windows) < self._size and self._windows[oldest][1] > now:
                return
            del self._windows[oldest]
