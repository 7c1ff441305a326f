"""The database over a PostgreSQL connection (DATABASE_URL)."""

import asyncio
from typing import Any, LiteralString

import psycopg
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
        [changed] = await self._values("select public.record_events(%s)", Jsonb(events))
        return int(changed)

    async def recent_calls(self, how_many: int) -> list[Row]:
        """See `Database.recent_calls`."""
        return await self._values("select public.recent_calls(%s)", how_many)

    async def recent_messages(self, how_many: int) -> list[Row]:
        """See `Database.recent_messages`."""
        return await self._values("select public.recent_messages(%s)", how_many)

    async def problem(self) -> str | None:
        """See `Database.problem`."""
        return await recording_problem(self)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._pool.close()

    async def _values(self, query: LiteralString, argument: object) -> list[Any]:
        try:
            async with asyncio.timeout(DEADLINE):
                await self._pool.open()
                async with self._pool.connection() as connection:
                    return [row[0] for row in await (await connection.execute(query, (argument,))).fetchall()]
        except TimeoutError:
            raise Unavailable(f"the database did not answer within {DEADLINE} s") from None
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise Unavailable(f"no connection to the database: {type(error).__name__}") from None
            raise failure(error.sqlstate) from None
