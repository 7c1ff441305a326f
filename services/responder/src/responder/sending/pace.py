"""How fast texts leave a number: what comes faster queues shortly, here instead of at the provider.

Carriers take about one text a second from a long code (Twilio docs: "Understanding Twilio Rate Limits and Message
Queues"); VoIP.ms documents no number. Each process keeps its own count: with several replicas a number can be asked for
more, which the providers answer by queueing (Twilio) or with a refusal that is repeated later.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

from chassis.failures import Unavailable
from responder.sending.messages import Route

BURST = 4
"""Texts that may leave at once after a pause."""
PATIENCE_SECONDS = 5.0
"""The longest that a text is held here; one that would wait longer goes back to the bus."""


class Pace:
    """One queue per route."""

    def __init__(self, per_second: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        """`per_second`: texts a second of one number, by provider; a provider that is missing is not slowed down."""
        self._every = {provider: 1 / rate for provider, rate in per_second.items()}
        self._clock = clock
        self._next: dict[Route, float] = {}  # when a text would leave if none ever left early (GCRA)

    async def turn(self, route: Route) -> None:
        """Return when a text may leave. Raises `Unavailable` when that is too far off."""
        wait = self.reserve(route)
        if wait > 0:
            await asyncio.sleep(wait)

    def reserve(self, route: Route) -> float:
        """Take the next place; seconds until it. Raises `Unavailable`, taking none, when that is too far off."""
        every, now = self._every.get(route.provider, 0.0), self._clock()
        due = max(self._next.get(route, now), now)
        wait = due - now - every * (BURST - 1)
        if wait > PATIENCE_SECONDS:
            raise Unavailable(f"{route.provider} is to be left alone", after=wait)
        self._next[route] = due + every
        return max(wait, 0.0)

    def hold(self, route: Route, seconds: float) -> None:
        """Let nothing leave for a while, because the provider asked for it."""
        every, now = self._every.get(route.provider, 0.0), self._clock()
        self._next[route] = max(self._next.get(route, now), now + seconds + every * (BURST - 1))
