"""The office around a responder: NATS and both providers."""

from collections.abc import AsyncIterator

import pytest

from chassis.bus import Bus
from support.backends import NatsServer
from support.provider_rest import providers_rest
from support.responder import Office


@pytest.fixture
async def office(nats: NatsServer, operator: Bus) -> AsyncIterator[Office]:
    """Bus and providers, no responder yet."""
    async with providers_rest() as (twilio, voipms):
        yield Office(nats, operator, twilio, voipms)
