"""One stack for all tests here that only use it; those that stop or kill things start their own."""

import asyncio
from collections.abc import Iterator

import pytest

from support.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Frontdesk with the simulator. Leave nothing stopped."""
    running = asyncio.run(Stack(tmp_path_factory.mktemp("stack")).start())
    yield running
    assert running.stop() == 0
