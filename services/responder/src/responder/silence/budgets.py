"""How many answers a number may get: cooldowns, budgets, and machines that repeat themselves. Pure.

All of it is decided over what the number was answered in the last day. An answer is known by the text that it answers,
so deciding about the same text again, after a crash or a repeat, finds it counted and decides the same.

Emergencies are kept apart: what somebody was answered before must not use up what they get when they are in danger, and
the other way round. They have budgets of their own, which still end a loop with a machine that writes "emergency".
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.sms import SuppressionReason
from contracts.values import Category
from responder.practice.people import Budgets

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

EMERGENCIES_PER_HOUR, EMERGENCIES_PER_DAY = 3, 6
EMERGENCY_COOLDOWN = timedelta(minutes=10)
"""Who writes again after some minutes may have overlooked the first answer. The practice file may say otherwise."""

SAME_WORDS_ANSWERED = 2
"""Answers to the very same words in a day; the third time a machine is talking. In an emergency people do that."""

_NEVER_COOLED = frozenset({Category.OPT_OUT, Category.OPT_IN, Category.HELP})
"""Answered each time, within the budgets: carriers demand it, and they follow a word that is rarely sent."""


class Answer(BaseModel):
    """One answer that was sent, or is about to be. Of words it keeps digests only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: UUID
    at: AwareDatetime
    category: str
    asked: str
    said: str


class History(BaseModel):
    """What one number was answered in the last day, oldest first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    answers: tuple[Answer, ...] = ()

    def with_answer(self, answer: Answer) -> "History":
        """After one more; what is too old to matter goes."""
        kept = (known for known in self.answers if answer.at - known.at < DAY)
        return History(answers=(*kept, answer))

    def without(self, event_id: UUID) -> "History":
        """As if the answer to that text had never been meant."""
        return History(answers=tuple(known for known in self.answers if known.event_id != event_id))

    def knows(self, event_id: UUID) -> bool:
        """Whether the answer to that text is counted."""
        return any(known.event_id == event_id for known in self.answers)


@dataclass(frozen=True)
class Wish:
    """An answer that somebody wants to send."""

    event_id: UUID
    """Of the text that it answers."""
    category: Category
    asked: str
    """The patient's words."""
    said: str
    """Ours."""

    def at(self, now: datetime) -> Answer:
        """The answer, given now."""
        category = str(self.category)
        return Answer(
            event_id=self.event_id, at=now, category=category, asked=digest(self.asked), said=digest(self.said)
        )


def why_not(history: History, wish: Wish, budgets: Budgets, now: datetime) -> SuppressionReason | None:
    """Why this number gets no such answer now; None when it does."""
    if history.knows(wish.event_id):
        return None
    lately = [known for known in history.answers if now - known.at < DAY]
    if _talks_to_itself(lately, wish):
        return SuppressionReason.AUTO_REPLY
    if wish.category not in _NEVER_COOLED and _warm(lately, wish.category, cooldown(budgets, wish.category), now):
        return SuppressionReason.COOLDOWN
    urgent = wish.category is Category.EMERGENCY
    alike = [known for known in lately if (known.category == Category.EMERGENCY) == urgent]
    per_hour, per_day = (
        (EMERGENCIES_PER_HOUR, EMERGENCIES_PER_DAY)
        if urgent
        else (budgets.per_sender_per_hour, budgets.per_sender_per_day)
    )
    if len(alike) >= per_day or sum(now - known.at < HOUR for known in alike) >= per_hour:
        return SuppressionReason.SENDER_BUDGET
    return None


def counts_overall(wish: Wish) -> bool:
    """Whether it counts towards, and is refused by, what all numbers together get in a day."""
    return wish.category is not Category.EMERGENCY


def cooldown(budgets: Budgets, category: Category) -> timedelta:
    """How long a number does not get the answer of `category` again."""
    if category is Category.EMERGENCY and category not in budgets.cooldown_minutes_of:
        return min(EMERGENCY_COOLDOWN, budgets.cooldown(category))
    return budgets.cooldown(category)


def digest(words: str) -> str:
    """The same for texts that differ in case, spaces, punctuation and numbers only."""
    plain = re.sub(r"\d+", "0", " ".join(re.findall(r"\w+", words.casefold())))
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _talks_to_itself(lately: Sequence[Answer], wish: Wish) -> bool:
    """Whether it sends our own words back, or keeps sending the same ones of its own."""
    asked = digest(wish.asked)
    if any(known.said == asked for known in lately):
        return True
    repeated = sum(known.asked == asked for known in lately)
    return repeated >= SAME_WORDS_ANSWERED and wish.category is not Category.EMERGENCY


def _warm(lately: Sequence[Answer], category: Category, cooldown: timedelta, now: datetime) -> bool:
    return any(known.category == category and now - known.at < cooldown for known in lately)
