"""Counting what happens thousands of times a second: a metric of Prometheus takes a dozen calls to count one.

Here it is a number in a dictionary. What was counted is handed to the metric before it is read (`Tallies`), and ten
times a second for those who read it from another process (`chassis.serving`).
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from prometheus_client import REGISTRY, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

KeyT = TypeVar("KeyT", bound=Hashable)


class Tally(Generic[KeyT]):
    """Counts by key, to be used by the thread of the event loop alone."""

    def __init__(self, hand_over: Callable[[KeyT, int], object]) -> None:
        """`hand_over` adds to the metric what was counted of a key since the last time."""
        self._hand_over = hand_over
        self._counts: dict[KeyT, int] = {}
        _flushes.append(self.flush)

    def add(self, key: KeyT, by: int = 1) -> None:
        """Count."""
        self._counts[key] = self._counts.get(key, 0) + by

    def flush(self) -> None:
        """Hand over what was counted so far."""
        counts, self._counts = self._counts, {}
        for key, count in counts.items():
            self._hand_over(key, count)


class Level:
    """How many there are of something now, to be used by the thread of the event loop alone."""

    def __init__(self, hand_over: Callable[[int], object]) -> None:
        """`hand_over` sets the metric."""
        self._hand_over = hand_over
        self.now = 0
        _flushes.append(self.flush)

    def flush(self) -> None:
        """Hand over how many there are."""
        self._hand_over(self.now)


class Amounts(Generic[KeyT]):
    """Amounts by key, such as how long something took; to be used by the thread of the event loop alone."""

    def __init__(self, hand_over: Callable[[KeyT, Sequence[float]], object]) -> None:
        """`hand_over` observes what came of a key since the last time."""
        self._hand_over = hand_over
        self._amounts: defaultdict[KeyT, list[float]] = defaultdict(list)
        _flushes.append(self.flush)

    def add(self, key: KeyT, amount: float) -> None:
        """Note."""
        self._amounts[key].append(amount)

    def flush(self) -> None:
        """Hand over what was noted so far."""
        amounts, self._amounts = self._amounts, defaultdict(list)
        for key, noted in amounts.items():
            self._hand_over(key, noted)


class BulkHistogram(Histogram):
    """A histogram that observes many amounts at once: Prometheus's looks through its buckets for each, under locks."""

    def observe_all(self, amounts: Sequence[float]) -> None:
        """The same as `observe` for each of them."""
        self._sum.inc(sum(amounts))
        for bucket, count in Counter(bisect_left(self._upper_bounds, amount) for amount in amounts).items():
            self._buckets[bucket].inc(count)


_flushes: list[Callable[[], None]] = []


def flush() -> None:
    """Hand over what every tally of this process has counted."""
    for each in _flushes:
        each()


class Tallies(Collector):
    """Registered before the metrics it fills, so that it is asked first; has nothing to tell itself."""

    def collect(self) -> Iterable[Metric]:
        """Hand everything over."""
        flush()
        return ()

    def describe(self) -> Iterable[Metric]:
        """Nothing."""
        return ()


REGISTRY.register(Tallies())
