"""One stack for all tests here that only use it; those that stop or kill things start their own."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.stack import Stack


@pytest.fixture(scope="session")
def stack(open_folders: Callable[[], Path]) -> Iterator[Stack]:
    """A running Frontdesk with the simulator. Leave nothing stopped."""
    running = asyncio.run(Stack(open_folders()).start())
    yield running
    assert running.stop() == 0
