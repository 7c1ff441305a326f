"""A running gateway for tests that need one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus
from support.backends import NatsServer
from support.gateway import Gateway, serving


@pytest.fixture
async def bus(nats: NatsServer) -> AsyncIterator[Bus]:
    """The gateway's own connection, with the gateway's rights."""
    bus = Bus("gateway", nats.url("gateway"), publish_only=True)
    await bus.connect()
    yield bus
    await bus.close()


@pytest.fixture
async def gateway(bus: Bus, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that knows both providers."""
    async with serving(bus, tmp_path / "webhook.log") as running:
        yield running
