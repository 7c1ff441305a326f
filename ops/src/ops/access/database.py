"""The recorder's database, for a command."""

from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from chassis.failures import Unavailable
from ops.variables import read_variables
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.through_supabase import SupabaseDatabase

NO_WAY = "set DATABASE_URL, or SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, or start 'frontdesk up'"


async def calling(
    database_url: str | None, supabase_url: str | None, supabase_key: str | None, function: str, values: dict[str, Any]
) -> list[Any]:
    """What a function of the database gives. Raises `Unavailable` and `Refused`."""
    database = _way(database_url, supabase_url, supabase_key)
    try:
        return await database.call(function, **values)
    finally:
        await database.close()


def _way(database_url: str | None, supabase_url: str | None, supabase_key: str | None) -> Database:
    if supabase_url and supabase_key and not database_url:
        return SupabaseDatabase(supabase_url, supabase_key)
    if url := database_url or _of_this_machine():
        return DirectDatabase(url)
    raise Unavailable(NO_WAY)


def _of_this_machine() -> str | None:
    """What .env names, or what a running 'frontdesk up' wrote down."""
    variables = read_variables(Path(".env"))
    addresses = Path(variables.get("DATA_DIR", "var")) / "frontdesk.env"
    return variables.get("DATABASE_URL") or dotenv_values(addresses).get("DATABASE_URL")
