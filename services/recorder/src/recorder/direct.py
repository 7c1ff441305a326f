"""The database over a PostgreSQL connection (DATABASE_URL)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from chassis.failures import Unavailable
from recorder.database import DEADLINE, Row, failure, recording_problem


class DirectDatabase:
    """A small pool: one connection for recording, the others for the page."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(
            url,
            min_size=0,  # made when needed: after an outage nothing sits in a back-off
            max_size=4,
            timeout=1.5,  # shorter than a readiness check; the connection is still being made for the next call
            reconnect_timeout=3,
            open=False,
            check=AsyncConnectionPool.check_connection,
            kwargs={
                "autocommit": True,
                "connect_timeout": 3,
                "prepare_threshold": None,  # poolers that share connections lose prepared statements
                "application_name": "frontdesk-recorder",
            },
        )

    async def record(self, events: list[Row]) -> int:
        """See `Database.record`."""
        [changed] = await self.call("record_events", events=events)
        return int(changed)

    async def call(self, function: str, **arguments: Any) -> list[Any]:
        """See `Database.call`."""
        named = (sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments)
        query = sql.SQL("select public.{}({})").format(sql.Identifier(function), sql.SQL(", ").join(named))
        return await self._values(query, {name: _adapted(value) for name, value in arguments.items()})

    async def problem(self) -> str | None:
        """See `Database.problem`."""
        return await recording_problem(self)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._pool.close()

    async def _values(self, query: sql.Composed, arguments: Mapping[str, object]) -> list[Any]:
        try:
            async with asyncio.timeout(DEADLINE):
                await self._pool.open()
                async with self._pool.connection() as connection:
                    return [row[0] for row in await (await connection.execute(query, arguments)).fetchall()]
        except TimeoutError:
            raise Unavailable(f"the database did not answer within {DEADLINE} s") from None
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise Unavailable(f"no connection to the database: {type(error).__name__}") from None
            raise failure(error.sqlstate) from None


def _adapted(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict | list) else value
