"""Calls (bucket CALLS), and when each caller got through or was texted (bucket NOTICES). All by compare-and-swap."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from responder.calls.call import Call
from responder.numbers import key_of
from responder.store import Conflict, Store


class History(BaseModel):
    """What happened to one caller."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reached_by: str | None = None
    """The last call with which they got through."""
    reached_at: AwareDatetime | None = None
    texted_about: str | None = None
    """The call that they were last texted about, or are about to be."""
    texted_at: AwareDatetime | None = None

    def reached_besides(self, call_sid: str) -> datetime | None:
        """When they got through with another call."""
        return None if self.reached_by == call_sid else self.reached_at

    def texted_besides(self, call_sid: str) -> datetime | None:
        """When they were texted about another call."""
        return None if self.texted_about == call_sid else self.texted_at


@dataclass(frozen=True)
class Book:
    """All of it raises `Unavailable` when a bucket cannot be used."""

    calls: Store
    notices: Store

    async def call(self, provider: str, call_sid: str) -> Call | None:
        """What is known of a call."""
        stored = await self.calls.get(_call(provider, call_sid))
        return Call.model_validate_json(stored.value) if stored else None

    async def learn(self, provider: str, call_sid: str, change: Callable[[Call], Call]) -> Call:
        """Add to what is known of a call."""
        key = _call(provider, call_sid)
        while True:
            stored = await self.calls.get(key)
            known = Call.model_validate_json(stored.value) if stored else None
            changed = change(known or Call(provider=provider, call_sid=call_sid))
            if changed == known:
                return changed
            with suppress(Conflict):
                await self.calls.put(key, changed.model_dump_json().encode(), stored.revision if stored else 0)
                return changed

    async def history(self, caller: str) -> History:
        """What happened to a caller."""
        return (await self._history(caller))[0]

    async def reached(self, caller: str, call_sid: str, at: datetime) -> None:
        """The caller got through with a call that began then."""

        def newest(known: History) -> History:
            if known.reached_at is not None and known.reached_at >= at:
                return known
            return known.model_copy(update={"reached_by": call_sid, "reached_at": at})

        await self._change(caller, newest)

    async def texting(self, caller: str, call_sid: str, at: datetime, was: History) -> bool:
        """The caller is about to be texted about a call; False when their history is no longer what it `was`."""
        known, revision = await self._history(caller)
        if known != was:
            return False
        if known.texted_about == call_sid:
            return True
        changed = known.model_copy(update={"texted_about": call_sid, "texted_at": at})
        with suppress(Conflict):
            await self.notices.put(_caller(caller), changed.model_dump_json().encode(), revision)
            return True
        return False

    async def not_texted(self, caller: str, call_sid: str) -> None:
        """The text about a call was surely not sent."""
        gone = {"texted_about": None, "texted_at": None}
        await self._change(
            caller, lambda known: known.model_copy(update=gone) if known.texted_about == call_sid else known
        )

    async def _change(self, caller: str, change: Callable[[History], History]) -> None:
        while True:
            known, revision = await self._history(caller)
            if (changed := change(known)) == known:
                return
            with suppress(Conflict):
                await self.notices.put(_caller(caller), changed.model_dump_json().encode(), revision)
                return

    async def _history(self, caller: str) -> tuple[History, int]:
        stored = await self.notices.get(_caller(caller))
        return (History.model_validate_json(stored.value), stored.revision) if stored else (History(), 0)


def _call(provider: str, call_sid: str) -> str:
    """Providers' ids may hold characters that keys may not."""
    return f"call.{hashlib.sha256(chr(0).join((provider, call_sid)).encode()).hexdigest()[:40]}"


def _caller(number: str) -> str:
    return f"caller.{key_of(number)}"
