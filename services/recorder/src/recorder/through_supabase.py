"""The database through Supabase's API (SUPABASE_URL): PostgREST calls the same functions."""

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from chassis.failures import Unavailable
from recorder.database import DEADLINE, Row, failure, recording_problem

if TYPE_CHECKING:
    from supabase import AsyncClient


class SupabaseDatabase:
    """A Supabase client with the service role's key, made at the first call: importing it costs most of a second."""

    def __init__(self, url: str, service_role_key: str) -> None:
        self._url = url
        self._key = service_role_key
        # The client's own default waits two minutes for an answer.
        self._http = httpx.AsyncClient(http2=True, timeout=httpx.Timeout(DEADLINE - 3, connect=3))
        self._client: AsyncClient | None = None

    async def record(self, events: list[Row]) -> int:
        """See `Database.record`."""
        return int(await self._call("record_events", {"events": events}))

    async def call(self, function: str, **arguments: Any) -> list[Any]:
        """See `Database.call`."""
        given = await self._call(function, arguments)
        return given if isinstance(given, list) else [given]

    async def problem(self) -> str | None:
        """See `Database.problem`."""
        return await recording_problem(self)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._http.aclose()

    async def _call(self, function: str, arguments: dict[str, Any]) -> Any:
        from postgrest.exceptions import APIError

        try:
            async with asyncio.timeout(DEADLINE):
                client = await self._connected()
                return (await client.rpc(function, arguments).execute()).data
        except APIError as error:
            raise failure(error.code) from None
        except (TimeoutError, httpx.TransportError) as error:
            raise Unavailable(f"Supabase does not answer: {type(error).__name__}") from None

    async def _connected(self) -> "AsyncClient":
        from supabase import AsyncClientOptions, acreate_client

        if self._client is None:
            options = AsyncClientOptions(httpx_client=self._http, auto_refresh_token=False, persist_session=False)
            self._client = await acreate_client(self._url, self._key, options)
        return self._client
