"""One simulator, and one receiver where our gateway would be, for all tests here; both forget everything in between.

Starting and ending servers takes longer than most tests, so they live in the session's event loop.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.simulator import Gateway, Simulator, receiving, simulating

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_gateway() -> AsyncIterator[Gateway]:
    async with receiving() as listening:
        yield listening


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_simulator(the_gateway: Gateway) -> AsyncIterator[Simulator]:
    async with simulating(the_gateway.url) as simulator:
        yield simulator


@pytest.fixture
def gateway(the_gateway: Gateway) -> Gateway:
    """Answers `ok`, and has received nothing."""
    the_gateway.received.clear()
    the_gateway.answers.clear()
    return the_gateway


@pytest_asyncio.fixture(loop_scope="session")
async def sim(the_simulator: Simulator, gateway: Gateway) -> Simulator:
    """Remembers nothing; its webhooks go to `gateway`."""
    await the_simulator.do("forget")
    return the_simulator
