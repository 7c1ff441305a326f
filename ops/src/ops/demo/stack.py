"""The demo's hands and eyes: the simulator that sends, and the database that remembers."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg
from dotenv import dotenv_values
from psycopg.rows import dict_row

Row = Mapping[str, Any]


class NoStack(Exception):
    """There is nothing to demonstrate on; the message says what to do."""


class RunningStack:
    """A `frontdesk up` with a simulator, found through its frontdesk.env."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = addresses
        self._http = httpx.AsyncClient(base_url=f"{addresses['SIMULATOR_URL']}/simulator", timeout=60, trust_env=False)

    @classmethod
    def find(cls, data_dir: Path) -> Self:
        """Raises `NoStack` when nothing runs there, or nothing the demo may touch."""
        file = data_dir / "frontdesk.env"
        if not file.exists():
            raise NoStack(f"nothing is ready on {data_dir}: start it with 'make run' first")
        addresses = {name: value or "" for name, value in dotenv_values(file).items()}
        if "SIMULATOR_URL" not in addresses:
            raise NoStack(
                "provider credentials are set, so texts would reach real people: the demo needs the simulator"
            )
        if "DATABASE_URL" not in addresses:
            raise NoStack("the demo reads the database directly: it needs DATABASE_URL")
        return cls(addresses)

    async def send(self, path: str, **body: Any) -> dict[str, Any]:
        """Have the simulator do something; its answer names the ids it used. Raises `NoStack` when it is gone."""
        try:
            answer = await self._http.post(path, json=body)
        except httpx.TransportError as error:
            raise NoStack(
                f"the simulator does not answer ({type(error).__name__}): is 'make run' still running?"
            ) from error
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def rows(self, query: str, *values: Any) -> Sequence[Row]:
        """What the database says now."""
        connection = await psycopg.AsyncConnection.connect(self.addresses["DATABASE_URL"], row_factory=dict_row)
        async with connection:
            return await (await connection.execute(query.encode(), values)).fetchall()

    async def wait_for(self, query: str, *values: Any, seconds: float = 20) -> Row | None:
        """The first row of `query` as soon as there is one; None when there is none in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if rows := await self.rows(query, *values):
                return rows[0]
            await asyncio.sleep(0.1)
        return None

    async def close(self) -> None:
        """Close the connection to the simulator."""
        await self._http.aclose()
