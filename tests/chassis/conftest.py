"""A bare NATS client, for what goes on below `chassis.bus`."""

from collections.abc import AsyncIterator

import nats
import pytest
from nats.aio.client import Client

from support.backends import NatsServer


@pytest.fixture
async def client(nats_server: NatsServer) -> AsyncIterator[Client]:
    """A client that buffers nothing while it is not connected."""
    client = await nats.connect(nats_server.url(), pending_size=0, reconnect_time_wait=0.1)
    yield client
    await client.close()
