"""Real servers for tests: the embedded ones by default, containers with TEST_BACKEND=docker."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from chassis.bus import Bus
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats
from ops.embedded.postgres import EmbeddedPostgres
from recorder.migrate import migrate
from support.backends import DockerNats, NatsServer, docker_postgres
from support.waiting import eventually

DOCKER = os.environ.get("TEST_BACKEND") == "docker"

__all__ = ["eventually"]


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A fresh NATS server for this test, with one user per service, nothing provisioned."""
    directory = tmp_path / "nats"
    directory.mkdir()
    server: NatsServer = DockerNats(directory) if DOCKER else EmbeddedNats(directory).start()
    yield server
    server.stop()


@pytest.fixture
async def nats(nats_server: NatsServer) -> NatsServer:
    """A fresh NATS server with streams, consumers and buckets."""
    await apply(nats_server.url())
    return nats_server


@pytest.fixture(scope="session")
def open_folders() -> Iterator[Callable[[], Path]]:
    """Makes folders that every user may pass through, unlike pytest's own: Postgres runs as `nobody` for root."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="frontdesk-test-")))
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_path(open_folders: Callable[[], Path]) -> Path:
    """Like `tmp_path`, open to every user."""
    return open_folders()


@pytest.fixture(scope="session")
def postgres_url(open_folders: Callable[[], Path]) -> Iterator[str]:
    """One Postgres for the session; tests take `database_url`."""
    if DOCKER:
        with docker_postgres() as url:
            yield url
        return
    server = EmbeddedPostgres(open_folders() / "postgres", durable=False).start()
    yield server.url
    server.stop()


@contextlib.contextmanager
def _database(postgres_url: str, name: str, template: str = "template1") -> Iterator[str]:
    """A database while inside; a copy of `template`, which takes a fraction of what migrating does."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        admin.execute(drop)
        admin.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, template))))
    yield postgres_url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(drop)


def _name(request: pytest.FixtureRequest) -> str:
    return f"test_{abs(hash(request.node.nodeid)):x}"


@pytest.fixture
def database_url(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of its own for this test."""
    with _database(postgres_url, _name(request)) as url:
        yield url


@pytest.fixture(scope="session")
def _migrated(postgres_url: str) -> Iterator[str]:
    """The name of a database with the recorder's schema, to be copied."""
    with _database(postgres_url, "migrated") as url:
        migrate(url)
        yield "migrated"


@pytest.fixture
def migrated_url(postgres_url: str, _migrated: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for this test, with the recorder's schema."""
    with _database(postgres_url, _name(request), _migrated) as url:
        yield url


@pytest.fixture
async def operator(nats: NatsServer) -> AsyncIterator[Bus]:
    """A connection that may see and publish everything, as a test's eyes and hands."""
    bus = Bus("operator", nats.url())
    await bus.connect()
    yield bus
    await bus.close()
