"""A practice's day as events, the rows it makes, and an ASGI application on a real port."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import uvicorn
from psycopg import sql
from psycopg.types.json import Jsonb

from contracts.registry import AnyEvent
from recorder.role import ROLE, let_in
from support.events import NOON

TABLES = (
    "phone_calls",
    "recordings",
    "sms_conversations",
    "conversations",
    "consent",
    "alerts",
    "callback_requests",
    "appointment_requests",
    "withheld_notices",
)

ROLES_PASSWORD = "pw_of_the_tests"  # roles belong to the server: every test's database has the same

PRACTICE = "+12125550100"
PATIENT = "+12125550123"
PARTIES: dict[str, Any] = {"from_number": PATIENT, "to_number": PRACTICE}
REPLY_PARTIES: dict[str, Any] = {"from_number": PRACTICE, "to_number": PATIENT}

Row = dict[str, Any]


def event(kind: type[AnyEvent], /, *, minute: float = 0, provider: str = "twilio", **data: Any) -> AnyEvent:
    """An event of `kind`, so many minutes after noon."""
    model = kind.model_fields["data"].annotation
    assert model is not None
    return kind.of(model(provider=provider, **data), time=NOON + timedelta(minutes=minute))


def as_json(events: list[AnyEvent]) -> list[Row]:
    """The events as they are on the bus."""
    return [json.loads(each.to_json()) for each in events]


def record(connection: psycopg.Connection, events: list[Row]) -> int:
    """Call the SQL function itself."""
    found = connection.execute("select record_events(%s)", (Jsonb(events),)).fetchone()
    assert found is not None
    return int(found[0])


def rows(connection: psycopg.Connection, table: str) -> list[Row]:
    """All rows of `table` without the columns that say when they were written."""
    query = sql.SQL("select to_jsonb(t) - 'created_at' - 'updated_at' from {} t order by 1").format(
        sql.Identifier(table)
    )
    return [row[0] for row in connection.execute(query)]


def everything(connection: psycopg.Connection) -> dict[str, list[Row]]:
    """All rows of all tables."""
    return {table: rows(connection, table) for table in TABLES}


def as_its_role(database_url: str) -> str:
    """The address of the same database for the role that the recorder runs as; it may not be migrated yet."""
    with psycopg.connect(database_url, autocommit=True) as owner, contextlib.suppress(psycopg.errors.DuplicateObject):
        owner.execute(sql.SQL("create role {}").format(sql.Identifier(ROLE)))
    let_in(database_url, ROLES_PASSWORD)
    address = urlsplit(database_url)
    return address._replace(netloc=f"{ROLE}:{ROLES_PASSWORD}@{address.netloc.rpartition('@')[2]}").geturl()


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on a free loopback port; gives its URL."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", proxy_headers=False)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done()
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


TAKES_NO_POISON = "alter table phone_calls add constraint fits check (call_sid <> 'CApoison')"
"""Makes the database refuse one valid event."""
