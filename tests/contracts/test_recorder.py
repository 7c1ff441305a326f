"""The recorder against the contracts: every event there is becomes knowledge in the real database."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from chassis.bus import Bus
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived
from contracts.testing.examples import Example
from contracts.testing.strategies import events
from contracts.topology import RECORDER
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.migrate import migrate
from recorder.projection import Projection, storable
from support.backends import NatsServer
from support.contracts import consumed, deliver, handled, of_unknown_type, with_news
from support.events import text
from support.recorder import as_its_role

NAME = "contracts_of_the_recorder"


@pytest.fixture(scope="module")
def recorders_url(postgres_url: str) -> Iterator[str]:
    """A migrated database for the tests of this module, which only add to it."""
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(NAME))
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(drop)
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(NAME)))
    url = postgres_url.rpartition("/")[0] + f"/{NAME}"
    migrate(url)
    yield url
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(drop)


@pytest.fixture
async def database(recorders_url: str) -> AsyncIterator[Database]:
    """The recorder's own way there."""
    database = DirectDatabase(as_its_role(recorders_url))
    yield database
    await database.close()


@asynccontextmanager
async def recording(nats: NatsServer, database: Database) -> AsyncIterator[None]:
    """A recorder with its own rights on the bus."""
    bus = Bus("recorder", nats.url("recorder"))
    async with Projection(bus, database).running():
        yield
    await bus.close()


def stored(url: str, *events: AnyEvent) -> dict[UUID, list[dict[str, Any]]]:
    """By event id, the `data` of everything stored that says something about a call, a text, a request…"""
    query = """
        select e.id, array_agg(e.data) from events e
        where e.id = any(%s) and exists (select from frontdesk.event_targets t where t.event = e.seq) group by e.id"""
    with psycopg.connect(url) as connection:
        return dict(connection.execute(query, ([event.id for event in events],)).fetchall())


@pytest.mark.contract_consumer("recorder")
async def test_every_example_is_recorded(
    shared_nats: NatsServer, shared_operator: Bus, recorders_url: str, database: Database, contract_example: Example
) -> None:
    async with recording(shared_nats, database):
        await deliver(shared_operator, contract_example.kind, contract_example.body)
        await consumed(shared_operator, RECORDER)
    assert (
        json.loads(contract_example.body)["data"]
        in stored(recorders_url, contract_example.event)[contract_example.event.id]
    )


async def test_news_is_kept_where_it_is_a_field_and_counted_where_it_is_an_event(
    shared_nats: NatsServer, shared_operator: Bus, recorders_url: str, database: Database
) -> None:
    unknown, received = handled(RECORDER, "unknown_type"), text("Something new?", sid="SMnews")
    newer = with_news(received.to_json())
    async with recording(shared_nats, database):
        await deliver(shared_operator, SmsReceived, of_unknown_type(SmsReceived), newer)
        await consumed(shared_operator, RECORDER)
    assert stored(recorders_url, received) == {received.id: [json.loads(newer)["data"]]}
    assert handled(RECORDER, "unknown_type") == unknown + 1


@settings(max_examples=60, deadline=None)
@given(batch=st.lists(events(), min_size=1, max_size=20))
async def test_no_valid_events_are_refused(recorders_url: str, batch: list[AnyEvent]) -> None:
    database = DirectDatabase(as_its_role(recorders_url))
    await database.record([storable(event.to_json()) for event in batch])
    await database.close()
    assert stored(recorders_url, *batch).keys() == {event.id for event in batch}
