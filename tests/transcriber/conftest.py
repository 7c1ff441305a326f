"""One transcriber for most tests: loading the model is what takes the time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chassis.bus import Bus
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats
from support.recordings import Store
from support.transcriber import Transcriber, credentials, running


@pytest.fixture
def store() -> Iterator[Store]:
    """A double of the providers, for this test."""
    double = Store()
    yield double
    double.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all services of the session put the packaged model together."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def shared_store() -> Iterator[Store]:
    """The double that the shared service fetches from; tests lay down recordings of their own."""
    double = Store()
    yield double
    double.close()


@pytest.fixture(scope="session")
def shared_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    """The bus of the shared service."""
    server = EmbeddedNats(tmp_path_factory.mktemp("nats")).start()
    asyncio.run(apply(server.url()))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def service(
    shared_nats: EmbeddedNats, shared_store: Store, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Transcriber]:
    """The shared service."""
    directory = tmp_path_factory.mktemp("transcriber")
    with running(Transcriber(directory, shared_nats.url("transcriber"), models, **credentials(shared_store))) as it:
        yield it


@pytest.fixture
async def bus(shared_nats: EmbeddedNats) -> AsyncIterator[Bus]:
    """Eyes and hands on the shared service's bus."""
    operator = Bus("operator", shared_nats.url())
    await operator.connect()
    yield operator
    await operator.close()
