"""Who may be texted: one entry per number, shared by all providers, in which the newest word counts.

A word is a text that opts out or in (or Twilio's refusal 21610) with the time it was said. `merge` is a join, so words
that arrive in any order and any number of times leave the same state. The entry remembers which event wrote it and
whether it changed anything: when the responder dies between writing it and telling the others, the redelivered event
finds its own entry and tells them again.
"""

from dataclasses import dataclass
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.consent import ConsentSource, ConsentState
from responder.numbers import key_of
from responder.store import Store


class Word(BaseModel):
    """What a number said last. `changed`: whether the number's state was another one before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: ConsentState
    said_at: AwareDatetime
    event_id: UUID
    source: ConsentSource | None = None
    changed: bool = False


@dataclass(frozen=True)
class Standing:
    """The ledger's entry for a number, and the revision that an update has to replace (0 when there is none)."""

    word: Word | None
    revision: int

    @property
    def opted_out(self) -> bool:
        """Whether the number must not be texted."""
        return self.word is not None and self.word.state is ConsentState.OPTED_OUT


def merge(known: Word | None, new: Word) -> Word:
    """The entry after `new`: the newest word wins; of two at the same moment, the opt-out does."""
    if known is None:
        return new.model_copy(update={"changed": new.state is ConsentState.OPTED_OUT})
    if known.event_id == new.event_id or _rank(new) < _rank(known):
        return known
    return new.model_copy(update={"changed": new.state is not known.state})


def _rank(word: Word) -> tuple[float, bool, int]:
    return word.said_at.timestamp(), word.state is ConsentState.OPTED_OUT, word.event_id.int


class Ledger:
    """The entries in the key-value bucket CONSENT."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def standing(self, number: str) -> Standing:
        """What is known of `number`. Raises `Unavailable`."""
        stored = await self._store.get(key_of(number))
        if stored is None:
            return Standing(None, 0)
        return Standing(Word.model_validate_json(stored.value), stored.revision)

    async def write(self, number: str, word: Word, revision: int) -> None:
        """Replace the entry of that revision. Raises `store.Conflict` when there is a newer one, and `Unavailable`."""
        await self._store.put(key_of(number), word.model_dump_json().encode(), revision)
