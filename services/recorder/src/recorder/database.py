"""The recorder's port to its database, and what the database's errors mean for an event."""

import re
from typing import Any, Protocol

from chassis.failures import Refused, Unavailable

Row = dict[str, Any]
"""A row as JSON: timestamps are ISO 8601 in UTC."""

NOT_MIGRATED = "the database lacks the recorder's functions: run 'frontdesk db migrate'"

DEADLINE = 10
"""Seconds for a call; well inside the consumer's ack_wait, after which its events would be delivered again."""

_DATA_ERRORS = ("22", "23", "54", "P0")
"""SQLSTATE classes that blame the data: data exception, integrity, program limit, raised in PL/pgSQL."""
_REFUSED_REQUESTS = ("400", "413", "422")
"""HTTP statuses, of something in front of PostgREST, that a smaller or other body may avoid."""
_NO_SUCH_FUNCTION = ("42883", "PGRST202", "3F000")


class Database(Protocol):
    """Where events become rows. One object per event loop."""

    async def record(self, events: list[Row]) -> int:
        """Merge CloudEvents in one transaction; returns how many calls, messages… they changed.

        Raises `Unavailable` when the database is away or not set up, `Refused` when it will never take these events.
        """
        ...

    async def call(self, function: str, **arguments: Any) -> list[Any]:
        """What a function of the schema `public` gives, as JSON; `migrations/` says which there are.

        Raises `Unavailable` as `record` does, `Refused` when the arguments do not fit.
        """
        ...

    async def problem(self) -> str | None:
        """Why events cannot be recorded now; None when they can."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


def failure(code: str | None) -> Unavailable | Refused:
    """What an error means, by SQLSTATE, PostgREST code or HTTP status (None: nothing is known).

    Only what the data itself causes is refused; anything else may be repaired, and until then no event may be lost.
    The text holds nothing but the code, because a database's own words repeat the data.
    """
    if code in _NO_SUCH_FUNCTION:
        return Unavailable(NOT_MIGRATED)
    if code is not None and (_is_data_error(code) or code in _REFUSED_REQUESTS):
        return Refused(f"the database refuses it: code {code}")
    return Unavailable(f"the database cannot be used: code {code}")


def _is_data_error(code: str) -> bool:
    return re.fullmatch(r"[0-9A-Z]{5}", code) is not None and code.startswith(_DATA_ERRORS)


async def recording_problem(database: Database) -> str | None:
    """Record nothing: proves connection, function and rights at once."""
    try:
        await database.record([])
    except (Unavailable, Refused) as error:
        return str(error)
    return None
