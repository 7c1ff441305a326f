"""How many failures a client may cause before it is no longer listened to, and how much verified traffic is taken.

Only failures count, and they are counted after the fact: the way of a request that is accepted holds no call to the
shared store, and one look-up in a dictionary that is empty unless somebody misbehaves. Those that fail at the same time
are all looked at, as many as `gateway.together` takes in one go, before the first of them counts.
"""

import asyncio
import math
import time
from collections.abc import Callable
from ipaddress import ip_network

import limits
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from chassis import logs
from chassis.client_address import Address
from gateway.edge.bounded_memory import BoundedMemory
from gateway.metrics import THROTTLE_STORE_AWAY, THROTTLED_CLIENTS

log = logs.get(__name__)

_CLIENTS = 50_000
"""Addresses remembered at a time: some 30 MB when a flood makes us remember that many."""

_SCHEMES = ("redis://", "rediss://", "valkey://", "valkeys://")

_STORE_SECONDS = 0.25
"""How long a refused request waits for the shared store. An accepted one never waits for it."""

_SAID_EVERY = 60.0
"""Seconds between two log lines about the shared store being away."""


def rate(text: str) -> limits.RateLimitItem | None:
    """Read `600/minute`, `10 per 5 seconds`, …; None for `off`. Raises `ValueError`."""
    if text.strip().lower() == "off":
        return None
    try:
        (item,) = limits.parse_many(text)
    except ValueError:
        raise ValueError("is not a rate such as 600/minute, 10 per 5 seconds, or off") from None
    if item.amount < 1 or item.get_expiry() < 1:
        raise ValueError("must allow at least one in at least a second; use off for no limit")
    return item


def storage(url: str | None) -> Storage:
    """Where failures are counted: in this process, or in a Redis or Valkey. Raises `ValueError`."""
    if url is None:
        return BoundedMemory(_CLIENTS)
    wrong = ValueError(f"must be the address of a server: {' or '.join(_SCHEMES)}")
    if not url.startswith(_SCHEMES):
        raise wrong
    try:
        shared = storage_from_string(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="valkey",  # speaks to Redis as well
            socket_timeout=_STORE_SECONDS,
            socket_connect_timeout=_STORE_SECONDS,
        )
    except ConfigurationError:  # its words may hold the URL's password
        raise wrong from None
    assert isinstance(shared, Storage)
    return shared


class Throttle:
    """Clients that fail too often, each until its window ends."""

    def __init__(
        self, failures: limits.RateLimitItem | None, storage: Storage, clock: Callable[[], float] = time.time
    ) -> None:
        self._failures = failures
        self._limiter = FixedWindowRateLimiter(storage)
        self._clock = clock
        self._until: dict[str, float] = {}
        self._next_word = 0.0

    def wait(self, client: Address | None) -> int:
        """Seconds until the client is listened to again; 0 when it is."""
        if not self._until or client is None:
            return 0
        return max(0, math.ceil(self._until.get(_key(client), 0.0) - self._clock()))

    async def failed(self, client: Address | None) -> None:
        """Count a failure. A client whose address cannot be known is not counted: it could be anybody."""
        if self._failures is None or client is None or self.wait(client):
            return
        key = _key(client)
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                await self._limiter.hit(self._failures, key)
                reset, left = await self._limiter.get_window_stats(self._failures, key)
        except (StorageError, TimeoutError, OSError) as error:
            self._store_is_away(error)
        else:
            if left <= 0 and not self.wait(client):  # another request of this client may have been faster
                self._shut_out(client, key, reset)

    def _shut_out(self, client: Address, key: str, reset: float) -> None:
        assert self._failures is not None
        now = self._clock()
        while self._until:  # in the order in which they were shut out, so about the order in which they are let in
            first = next(iter(self._until))
            if len(self._until) < _CLIENTS and self._until[first] > now:
                break
            del self._until[first]
        self._until[key] = min(reset, now + self._failures.get_expiry())
        THROTTLED_CLIENTS.inc()
        hint = {} if client.is_global else {"hint": "this looks like a proxy of yours: is it in TRUSTED_PROXIES?"}
        log.warning(
            "a client failed too often and is throttled", client=_shown(client), allowed=str(self._failures), **hint
        )

    def _store_is_away(self, error: Exception) -> None:
        THROTTLE_STORE_AWAY.inc()
        now = self._clock()
        if now >= self._next_word:
            self._next_word = now + _SAID_EVERY
            log.warning("the shared store of limits is away; failures are not counted", kind=type(error).__name__)


class Valve:
    """How many verified requests of one provider this process takes.

    The clock is only looked at when the amount is used up: the next window begins then, or when the last one ends.
    """

    def __init__(self, verified: limits.RateLimitItem | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._amount = verified.amount if verified else math.inf
        self._seconds = verified.get_expiry() if verified else 0
        self._clock = clock
        self._end = 0.0
        self._count = 0

    def wait(self) -> int:
        """Count a request; 0 when it may pass, else the seconds until the next ones may."""
        self._count += 1
        if self._count <= self._amount:
            return 0
        now = self._clock()
        if now >= self._end:
            self._end, self._count = now + self._seconds, 1
            return 0
        return math.ceil(self._end - now)


def _key(client: Address) -> str:
    """An IPv6 sender has at least a /64 to himself, and can use every address of it."""
    return str(client) if client.version == 4 else f"{int(client) >> 64:x}::/64"


def _shown(client: Address) -> str:
    return str(client) if client.version == 4 else str(ip_network((int(client) >> 64 << 64, 64)))
