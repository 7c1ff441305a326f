"""Keeping count of answers in the key-value bucket BUDGETS: right with several replicas, after crashes, for repeats.

An answer is counted before it is sent, by compare-and-swap, under the id of the text that it answers: a process that
dies in between leaves it counted, and the redelivered text finds it there. What was not sent in the end is given back.

Two entries count: the number's own history, and the ids of all texts of a day that were answered. The day's entry comes
first and is given back when the number's refuses; an id that a crash leaves there is that of a text that comes again.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.sms import SuppressionReason
from responder.numbers import key_of
from responder.practice.people import Budgets
from responder.silence.budgets import History, Wish, counts_overall, why_not
from responder.store import Conflict, Store


class _Day(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    answered: tuple[str, ...] = ()
    """Short ids of texts."""


@dataclass(frozen=True)
class Quotas:
    """Who may get how many answers; see `budgets`."""

    store: Store
    budgets: Budgets

    async def take(self, number: str, wish: Wish, *, day: date, now: datetime) -> SuppressionReason | None:
        """Count an answer to `number`; or why it must not be sent, then nothing is counted.

        `day`: on which the text came in, the same for every repeat. Raises `Unavailable`.
        """
        while True:
            history, revision = await self._history(number)
            if history.knows(wish.event_id):
                return None
            reason = why_not(history, wish, self.budgets, now)
            if reason is None and counts_overall(wish) and not await self._count(day, wish.event_id):
                reason = SuppressionReason.DAILY_CAP
            if reason is not None:
                await self._give_back(day, wish.event_id)
                return reason
            with suppress(Conflict):
                await self._write(number, history.with_answer(wish.at(now)), revision)
                return None

    async def release(self, number: str, event_id: UUID, *, day: date) -> None:
        """Give back what `take` counted for a text whose answer was surely not sent. Raises `Unavailable`."""
        while True:
            history, revision = await self._history(number)
            if not history.knows(event_id):
                return
            await self._give_back(day, event_id)
            with suppress(Conflict):
                await self._write(number, history.without(event_id), revision)
                return

    async def take_unasked(self, cause: UUID, *, day: date) -> bool:
        """Count a text of our own accord towards what all numbers together get on `day`; False when that is used up.

        True again for the same cause. Raises `Unavailable`.
        """
        return await self._count(day, cause)

    async def release_unasked(self, cause: UUID, *, day: date) -> None:
        """Give back what `take_unasked` counted. Raises `Unavailable`."""
        await self._give_back(day, cause)

    async def answered_since(self, number: str, since: datetime) -> bool:
        """Whether a text from `number` was answered then or later, as far as a day back. Raises `Unavailable`."""
        history, _ = await self._history(number)
        return any(answer.at >= since for answer in history.answers)

    async def _history(self, number: str) -> tuple[History, int]:
        stored = await self.store.get(_sender(number))
        return (History.model_validate_json(stored.value), stored.revision) if stored else (History(), 0)

    async def _write(self, number: str, history: History, revision: int) -> None:
        await self.store.put(_sender(number), history.model_dump_json().encode(), revision)

    async def _count(self, day: date, event_id: UUID) -> bool:
        """Whether there is room on that day for one more; then it is counted."""
        while True:
            counted, revision = await self._day(day)
            if _short(event_id) in counted.answered:
                return True
            if len(counted.answered) >= self.budgets.overall_per_day:
                return False
            with suppress(Conflict):
                await self._write_day(day, (*counted.answered, _short(event_id)), revision)
                return True

    async def _give_back(self, day: date, event_id: UUID) -> None:
        while True:
            counted, revision = await self._day(day)
            if _short(event_id) not in counted.answered:
                return
            with suppress(Conflict):
                left = tuple(known for known in counted.answered if known != _short(event_id))
                await self._write_day(day, left, revision)
                return

    async def _day(self, day: date) -> tuple[_Day, int]:
        stored = await self.store.get(_day_key(day))
        return (_Day.model_validate_json(stored.value), stored.revision) if stored else (_Day(), 0)

    async def _write_day(self, day: date, answered: tuple[str, ...], revision: int) -> None:
        await self.store.put(_day_key(day), _Day(answered=answered).model_dump_json().encode(), revision)


def _sender(number: str) -> str:
    return f"sender.{key_of(number)}"


def _day_key(day: date) -> str:
    return f"day.{day.isoformat()}"


def _short(event_id: UUID) -> str:
    return event_id.hex[-12:]
