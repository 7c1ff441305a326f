"""Connections to a migrated database, and both ways to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from ops.embedded.children import free_port as any_free_port
from ops.main import cli
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.through_supabase import SupabaseDatabase
from support.backends import NatsServer
from support.postgrest import postgrest
from support.recorder import as_its_role, serving

KEY = "service-role-key-of-the-tests"


@pytest.fixture
def connection(migrated_url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection to it."""
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def recorders_url(migrated_url: str) -> str:
    """The same database, for the recorder's own role."""
    return as_its_role(migrated_url)


@pytest.fixture
async def direct(recorders_url: str) -> AsyncIterator[Database]:
    """As the recorder has it, with the recorder's rights and no more."""
    database = DirectDatabase(recorders_url)
    yield database
    await database.close()


@pytest.fixture
async def owner(migrated_url: str) -> AsyncIterator[Database]:
    """As an operator's commands have it."""
    database = DirectDatabase(migrated_url)
    yield database
    await database.close()


@pytest.fixture
async def through_supabase(migrated_url: str) -> AsyncIterator[Database]:
    async with serving(postgrest(migrated_url, KEY)) as url:
        database = SupabaseDatabase(url, KEY)
        yield database
        await database.close()


@pytest.fixture(params=["direct", "through_supabase"])
def database(request: pytest.FixtureRequest, direct: Database, through_supabase: Database) -> Database:
    """Either way to the database."""
    return {"direct": direct, "through_supabase": through_supabase}[request.param]


@pytest.fixture
def erase(nats: NatsServer, migrated_url: str, tmp_path: Path) -> Callable[..., Any]:
    """`frontdesk erase`, as an operator would use it."""

    async def run(*arguments: str) -> Result:
        where = ["--nats-url", nats.url(), "--database-url", migrated_url, "--receipts", str(tmp_path / "receipts")]
        return await asyncio.to_thread(CliRunner().invoke, cli, ["erase", *where, *arguments])

    return run


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    return any_free_port()
