"""`frontdesk erase` between its options and the erasure: connections, confirmation, exit code."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import nats.errors

from chassis.failures import Refused, Unavailable
from chassis.nats_access import NatsAccess
from ops.bus.provisioning import connected
from ops.erasing import erasure
from ops.erasing.person import Person
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.through_supabase import SupabaseDatabase


class CannotErase(Exception):
    """Nothing was removed; says why."""


@dataclass(frozen=True)
class Options:
    """How everything is reached."""

    nats: NatsAccess
    database_url: str | None
    supabase_url: str | None
    supabase_key: str | None
    spool: Path | None
    receipts: Path

    def way_to_the_database(self) -> Database:
        """Raises `CannotErase` when there is none."""
        if self.database_url:
            return DirectDatabase(self.database_url)
        if self.supabase_url and self.supabase_key:
            return SupabaseDatabase(self.supabase_url, self.supabase_key)
        raise CannotErase("set DATABASE_URL, or SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY")


def run(
    person: Person, options: Options, *, dry_run: bool, agree: Callable[[str], bool], say: Callable[[str], None]
) -> int:
    """Look, ask, erase, and write the receipt. Returns the exit code. Raises `CannotErase`."""
    try:
        return asyncio.run(_run(person, options, dry_run=dry_run, agree=agree, say=say))
    except erasure.OfThePractice:
        raise CannotErase("this is a number of the practice itself") from None
    except (Unavailable, Refused) as error:
        raise CannotErase(f"the database: {error}") from None
    except (nats.errors.Error, OSError) as error:
        raise CannotErase(f"the bus: {type(error).__name__}") from None


async def _run(
    person: Person, options: Options, *, dry_run: bool, agree: Callable[[str], bool], say: Callable[[str], None]
) -> int:
    async with _places(options) as places:
        found = await erasure.look(places, person)
        if dry_run or not agree(json.dumps(found.database | found.bus)):
            say(json.dumps(asdict(found), indent=2))
            return 0
        receipt = await erasure.erase(places, person)
    say(json.dumps(asdict(receipt), indent=2))
    say(f"receipt: {receipt.written(options.receipts)}")
    return 1 if receipt.unfinished else 0


@contextlib.asynccontextmanager
async def _places(options: Options) -> AsyncIterator[erasure.Places]:
    database = options.way_to_the_database()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        url, security = options.nats.nats_url.get_secret_value(), options.nats.nats_security
        client = await stack.enter_async_context(connected(url, security=security))
        yield erasure.Places(database, client.jetstream(timeout=5), options.spool)
