"""Webhooks that are here at the same time go through each step together."""

import asyncio
from collections.abc import Callable
from typing import Any

from gateway.exchange import Exchange
from gateway.providers.base import RawRequest

MOST = 32
"""Webhooks in one go. The next ones wait for a turn of the event loop, in which answers are read and written."""

STEPS: tuple[Callable[[Exchange, Any], Any], ...] = (Exchange.read, Exchange.verify, Exchange.parse, Exchange.publish)


class Together:
    """Takes all webhooks through one step before it takes any of them through the next one.

    Each step finds its code and data in the processor's caches, then, which are too small for a whole webhook: one
    after the other they take a quarter more time. And with nothing to wait for, no step needs a coroutine of its own.
    """

    def __init__(self) -> None:
        self._here: list[tuple[Exchange, RawRequest]] = []
        self._due = False

    def add(self, exchange: Exchange, raw: RawRequest) -> None:
        """Have it taken through all steps, beginning at the end of this turn of the event loop."""
        self._here.append((exchange, raw))
        self._soon()

    def _soon(self) -> None:
        if self._here and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._go)

    def _go(self) -> None:
        under_way: list[tuple[Exchange, Any]] = [*self._here[:MOST]]
        del self._here[:MOST]
        try:
            for step in STEPS:
                under_way = _taken(step, under_way)
        finally:
            self._due = False
            self._soon()  # after what these have begun: they may have failed, and that counts for the next ones


def _taken(step: Callable[[Exchange, Any], Any], under_way: list[tuple[Exchange, Any]]) -> list[tuple[Exchange, Any]]:
    """Those that go on, with what the next step takes."""
    further = []
    for exchange, given in under_way:
        try:
            after = step(exchange, given)
        except Exception as error:  # a mistake of ours with one of them is no reason to lose the others
            exchange.fail(error)
        else:
            if after is not None:
                further.append((exchange, after))
    return further
