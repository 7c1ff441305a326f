"""Which numbers cannot take texts, as far as a provider said so.

For texts of our own accord only: who texts us can be answered. Kept in the bucket CONSENT beside the ledger.
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from responder.numbers import key_of
from responder.senders.port import Meaning
from responder.store import Conflict, Store

REMEMBERED = {Meaning.NO_TEXTS: timedelta(days=400), Meaning.UNREACHABLE: timedelta(days=1)}
"""How long a refusal counts. A number may change hands; a phone that is switched off comes back sooner."""


class Refusal(BaseModel):
    """A provider could not deliver to the number. `code` is its word for why."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    meaning: Meaning
    code: str
    at: AwareDatetime

    def counts(self, now: datetime) -> bool:
        """Whether the number should still not be texted."""
        return now - self.at < REMEMBERED.get(self.meaning, timedelta(0))


class Lines:
    """Refusals by number."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def refusal(self, number: str, now: datetime) -> Refusal | None:
        """Why `number` should not be texted unasked now; None when nothing speaks against it. Raises `Unavailable`."""
        stored = await self._store.get(_key(number))
        refusal = Refusal.model_validate_json(stored.value) if stored else None
        return refusal if refusal and refusal.counts(now) else None

    async def remember(self, number: str, refusal: Refusal) -> None:
        """Keep a refusal unless a newer one, or one that counts longer, is known. Raises `Unavailable`."""
        while True:
            stored = await self._store.get(_key(number))
            known = Refusal.model_validate_json(stored.value) if stored else None
            if known and _until(known) >= _until(refusal):
                return
            try:
                await self._store.put(
                    _key(number), refusal.model_dump_json().encode(), stored.revision if stored else 0
                )
            except Conflict:
                continue
            return


def _until(refusal: Refusal) -> datetime:
    return refusal.at + REMEMBERED.get(refusal.meaning, timedelta(0))


def _key(number: str) -> str:
    return f"line.{key_of(number)}"
