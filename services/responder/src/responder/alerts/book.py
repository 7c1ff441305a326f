"""Escalations, and the texts that each person got, in the bucket NOTICES. Every change is a compare-and-swap."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from responder.alerts.escalation import Acknowledgement, Alert, Ending, Escalation, Step
from responder.alerts.pages import Page, Pages, Words
from responder.numbers import key_of
from responder.practice.people import Person
from responder.store import Conflict, Store


@dataclass(frozen=True)
class Book:
    """All of it raises `Unavailable` when the bucket cannot be used."""

    store: Store

    async def escalation(self, alert: UUID) -> Escalation | None:
        """What was done about an alert; None before the first step."""
        return (await self._read(alert))[0]

    async def begin(self, alert: Alert, known: Escalation | None, person: Person, at: datetime) -> bool:
        """Write down that `person` is told next; False when somebody else moved on from `known`."""
        current, revision = await self._read(alert.id)
        if current != known:
            return False
        with suppress(Conflict):
            await self._write((known or Escalation(alert=alert)).begun(person, at), revision)
            return True
        return False

    async def end(self, alert: UUID, step: Step, ending: Ending) -> None:
        """Write down what became of a step."""
        await self._change(alert, lambda escalation: escalation.ended(step, ending))

    async def take(self, alert: UUID, by: Acknowledgement) -> Escalation | None:
        """Have somebody look after an alert, unless another does. Returns it as it stands then; None when unknown."""
        return await self._change(alert, lambda known: known if known.taken else known.model_copy(update={"taken": by}))

    async def pages(self, number: str) -> Pages:
        """What that person was texted lately."""
        return (await self._pages(number))[0]

    async def count(self, number: str, alert: UUID, ordinal: int, *, now: datetime, per_hour: int) -> Words | None:
        """Which text the person gets for this step, counting it; None when they get none. The same when repeated."""
        while True:
            pages, revision = await self._pages(number)
            if known := pages.known(alert, ordinal):
                return known.words
            words = pages.words(now, per_hour)
            if words is None:
                return None
            page = Page(alert=alert, ordinal=ordinal, at=now, words=words)
            with suppress(Conflict):
                await self._write_pages(number, pages.with_page(page), revision)
                return words

    async def uncount(self, number: str, alert: UUID, ordinal: int) -> None:
        """Give back what `count` counted for a text that was surely not sent."""
        while True:
            pages, revision = await self._pages(number)
            if pages.known(alert, ordinal) is None:
                return
            with suppress(Conflict):
                await self._write_pages(number, pages.without(alert, ordinal), revision)
                return

    async def _change(self, alert: UUID, change: Callable[[Escalation], Escalation]) -> Escalation | None:
        while True:
            known, revision = await self._read(alert)
            if known is None:
                return None
            changed = change(known)
            if changed == known:
                return known
            with suppress(Conflict):
                await self._write(changed, revision)
                return changed

    async def _read(self, alert: UUID) -> tuple[Escalation | None, int]:
        stored = await self.store.get(f"alert.{alert}")
        return (Escalation.model_validate_json(stored.value), stored.revision) if stored else (None, 0)

    async def _write(self, escalation: Escalation, revision: int) -> None:
        await self.store.put(f"alert.{escalation.alert.id}", escalation.model_dump_json().encode(), revision)

    async def _pages(self, number: str) -> tuple[Pages, int]:
        stored = await self.store.get(f"person.{key_of(number)}")
        return (Pages.model_validate_json(stored.value), stored.revision) if stored else (Pages(), 0)

    async def _write_pages(self, number: str, pages: Pages, revision: int) -> None:
        await self.store.put(f"person.{key_of(number)}", pages.model_dump_json().encode(), revision)
