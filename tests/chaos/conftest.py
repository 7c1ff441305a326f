"""A broker that tests may kill, hang and start again with its data."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedNats]:
    """The embedded server whatever TEST_BACKEND says: a container's port would change with every start."""
    directory = tmp_path / "nats"
    directory.mkdir()
    server = await asyncio.to_thread(EmbeddedNats(directory).start)
    await apply(server.url())
    yield server
    server.stop()


@pytest.fixture
async def eyes(broker: EmbeddedNats) -> AsyncIterator[Bus]:
    """A connection that may see everything, and outlives the broker's deaths."""
    bus = Bus("operator", broker.url())
    await bus.connect()
    yield bus
    await bus.close()
