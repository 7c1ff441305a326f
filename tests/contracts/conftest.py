"""Claims that are held to, and servers shared by the tests that only add to them."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from chassis.bus import Bus
from contracts.testing.plugin import MakeBus
from contracts.testing.recording_bus import RecordingBus
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats


@pytest.fixture
def recording_bus(recording_bus: MakeBus, request: pytest.FixtureRequest) -> Iterator[MakeBus]:
    """The kit's fixture, which here also holds a test to what it says it `produces`."""
    made: list[RecordingBus] = []

    def make(service: str) -> RecordingBus:
        made.append(recording_bus(service))
        return made[-1]

    yield make
    claimed = request.function.__dict__.get("produces")
    if claimed is not None:
        assert {kind for bus in made for kind in bus.kinds} == claimed


@pytest.fixture(scope="module")
def shared_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    """The bus of this module's tests."""
    server = EmbeddedNats(tmp_path_factory.mktemp("nats")).start()
    asyncio.run(apply(server.url()))
    yield server
    server.stop()


@pytest.fixture
async def shared_operator(shared_nats: EmbeddedNats) -> AsyncIterator[Bus]:
    """Eyes and hands on the shared bus."""
    bus = Bus("operator", shared_nats.url())
    await bus.connect()
    yield bus
    await bus.close()
