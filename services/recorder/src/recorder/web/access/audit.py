"""The record of who looked at, changed or took away what: written before the answer is given, or there is none."""

import time
from collections import OrderedDict
from typing import Literal

from recorder.database import Database
from recorder.web.access.identity import Client, Identity

Action = Literal["looked", "played", "searched", "exported", "done", "reopened", "assigned", "opened", "noted"]
Kind = Literal["call", "conversation", "recording", "alert", "callback", "appointment", "calls", "messages", "search"]

_ONCE_IN = 600.0
"""Seconds: a player asks for a recording piece by piece."""
_MOST_REMEMBERED = 1000


class Audit:
    """Writes the record."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._played: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    async def note(self, identity: Identity, action: Action, kind: Kind, key: str) -> None:
        """Keep that they did this. Raises `Unavailable`."""
        await self._write(identity.who, action, kind, key, identity.client)

    async def note_once(self, identity: Identity, action: Action, kind: Kind, key: str) -> None:
        """As `note`, but one entry for all the requests of one look."""
        seen = (identity.who, action, f"{kind}/{key}")
        now = time.monotonic()
        if now - self._played.get(seen, -_ONCE_IN) < _ONCE_IN:
            return
        await self.note(identity, action, kind, key)
        self._played[seen] = now
        while len(self._played) > _MOST_REMEMBERED:
            self._played.popitem(last=False)

    async def note_session(self, identity: Identity, action: Literal["signed in", "signed out"]) -> None:
        """Keep that they came or went."""
        await self._write(identity.who, action, "session", "", identity.client)

    async def _write(self, who: str, action: str, kind: str, key: str, client: Client) -> None:
        await self._database.call("audit", who=who, action=action, kind=kind, key=key, client=client.address or None)
