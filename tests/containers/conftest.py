"""One deployment for all tests of this folder; it is taken down with its volumes."""

import asyncio
from collections.abc import Iterator

import pytest

from support.containers import Deployment, missing

REASON = missing()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These take minutes: images are built and containers restarted."""
    for item in items:
        if "containers" in item.path.parts:
            item.add_marker(pytest.mark.timeout(1800))
            if REASON:
                item.add_marker(pytest.mark.skip(reason=f"containers: {REASON}"))


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Built and green."""
    found = Deployment(tmp_path_factory.mktemp("deployment") / "of-its-own")
    try:
        asyncio.run(found.compose("build", "--quiet", within=1500))
        asyncio.run(found.compose("up", "-d", "--wait", "--wait-timeout", "180"))
        yield found
    finally:
        asyncio.run(found.compose("down", "-v", "--timeout", "15", profiles=("*",)))
