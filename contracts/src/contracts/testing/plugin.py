"""The pytest plugin: `contract_example`, `recording_bus`, and the marker and option that go with them."""

from collections.abc import Callable, Iterator

import pytest

from contracts.testing.examples import Example, released, todays
from contracts.testing.recording_bus import RecordingBus
from contracts.testing.roles import consumed_by

MARKER = "contract_consumer"
RELEASED = "contract_released"

MakeBus = Callable[[str], RecordingBus]
"""Makes a `RecordingBus` for a service."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini option."""
    parser.addini(
        RELEASED,
        "folders with released contracts (VERSION/examples/TYPE/NUMBER.json), relative to the configuration file",
        type="paths",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers", f"{MARKER}(service): `contract_example` is every example of every event that the service consumes"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `contract_example` once per example."""
    if "contract_example" not in metafunc.fixturenames:
        return
    try:
        examples = todays() + [each for folder in metafunc.config.getini(RELEASED) for each in released(folder)]
        consumed = _consumed(metafunc.definition.get_closest_marker(MARKER))
    except LookupError as error:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {error}") from None
    wanted = [each for each in examples if consumed is None or each.kind in consumed]
    metafunc.parametrize("contract_example", wanted, ids=[each.name for each in wanted])


def _consumed(marker: pytest.Mark | None) -> tuple[type, ...] | None:
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs:
        raise LookupError(f"{MARKER} takes the name of one service")
    return consumed_by(marker.args[0])


@pytest.fixture
def recording_bus() -> Iterator[MakeBus]:
    """Makes buses to publish into. When the test is over, it fails for what a service should not have published."""
    made: list[RecordingBus] = []

    def make(service: str) -> RecordingBus:
        made.append(RecordingBus(service))
        return made[-1]

    yield make
    for bus in made:
        bus.check()


__all__ = ["Example", "MakeBus", "RecordingBus"]
