"""How fast passwords may be guessed. A plain decision over a clock that is passed in; memory is bounded."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

LONGEST_WAIT = 900.0
"""Seconds."""
FORGOTTEN_AFTER = 3600.0
"""Seconds without another failure."""
_MOST_KEYS = 10_000


@dataclass(frozen=True)
class Key:
    """What failures are counted by, and how many of them cost nothing."""

    name: str
    free: int


@dataclass(frozen=True)
class _Failures:
    count: int
    last: float


class Limiter:
    """Counts failures; after the free ones each doubles the time until the next try."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, keys: Iterable[Key], now: float) -> float:
        """Seconds until somebody with all these keys may try again; 0 when now."""
        return max((self._wait(key, now) for key in keys), default=0.0)

    def failed(self, keys: Iterable[Key], now: float) -> None:
        """Count a wrong password."""
        for key in keys:
            before = self._failures.pop(key.name, None)
            count = before.count if before and now - before.last < FORGOTTEN_AFTER else 0
            self._failures[key.name] = _Failures(count + 1, now)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, keys: Iterable[Key]) -> None:
        """Forget the failures of these keys."""
        for key in keys:
            self._failures.pop(key.name, None)

    def _wait(self, key: Key, now: float) -> float:
        failures = self._failures.get(key.name)
        if failures is None or failures.count < key.free or now - failures.last >= FORGOTTEN_AFTER:
            return 0.0
        delay = min(2.0 ** min(failures.count - key.free, 20), LONGEST_WAIT)
        return min(max(0.0, failures.last + delay - now), delay)


def one_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 network of 64 bits, which one client has for itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) else str(parsed)
