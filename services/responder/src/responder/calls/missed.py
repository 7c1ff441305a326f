"""Texting somebody whose call was missed: at most once, when the practice wants it, and never in quiet hours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

from chassis.failures import Postponed
from contracts.envelope import event_id
from contracts.notice import NoticePurpose, NoticeWithheld
from contracts.registry import AnyEvent
from contracts.sms import SuppressionReason
from contracts.values import is_e164
from responder.calls.book import Book, History
from responder.calls.call import Call, Outcome
from responder.calls.deciding import SETTLES_IN, Caller, decide
from responder.consent.learning import Learning
from responder.decision import House
from responder.notices import Notification, may_have_left
from responder.refusals import learn
from responder.replies import choosing as replies
from responder.sending.messages import About, Errand, Outgoing, Route, Withheld
from responder.sending.outbox import Forgotten, Outbox
from responder.silence.quotas import Quotas

LOOK_AGAIN = timedelta(minutes=15)
"""The longest that a call is put off before it is looked at again."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class MissedCalls:
    """Follows up calls that are over."""

    house: House
    outbox: Outbox
    learning: Learning
    quotas: Quotas
    book: Book
    publish: Callable[[AnyEvent], Awaitable[None]]
    """Returns once the event is stored; raises `Unavailable`."""
    now: Callable[[], datetime] = field(default=_utc_now)

    async def over(self, call: Call, ended: datetime, traceparent: str | None) -> None:
        """Do what follows from the end of a call; the same again whenever it is told.

        Raises `Postponed` until that can be known and done, `Unavailable` when something is away.
        """
        outcome = call.outcome
        if outcome is Outcome.NONE or call.caller is None:
            return
        if outcome is not Outcome.REACHED and (left := ended + SETTLES_IN - self.now()) > timedelta(0):
            raise Postponed("more may become known of the call", after=min(left, LOOK_AGAIN).total_seconds())
        if outcome is Outcome.MISSED:
            await self._text_back(call, call.caller, ended, traceparent)
        else:
            await self.book.reached(call.caller, call.call_sid, call.began or ended)

    async def _text_back(self, call: Call, caller: str, ended: datetime, traceparent: str | None) -> None:
        notification = Notification(
            NoticePurpose.MISSED_CALL, call.call_sid, caller, call.provider, traceparent=traceparent
        )
        wanted = partial(self._decide, call, caller, ended)
        try:
            outcome = await self.outbox.once(Errand(notification.key, wanted, notification.tell))
        except Forgotten:
            return
        if isinstance(outcome, NoticeWithheld):
            await learn(self.learning, outcome)
        if not may_have_left(outcome):
            await self.book.not_texted(caller, call.call_sid)
            await self.quotas.release_unasked(_cause(call), day=self._day(ended))
        await self.publish(outcome)

    async def _decide(self, call: Call, caller: str, ended: datetime) -> Outgoing | Withheld:
        """What to text, or why not. Raises `Postponed` when it is too early."""
        while True:
            now, history = self.now(), await self.book.history(caller)
            known = await self._caller(call, caller, ended, history, now)
            due = decide(call, ended, known, self.house.practice, self.house.own_numbers, now)
            if isinstance(due, SuppressionReason):
                return Withheld(due)
            if due > now:
                raise Postponed("quiet hours", after=min(due - now, LOOK_AGAIN).total_seconds())
            if call.provider not in self.house.senders or call.called is None or not is_e164(call.called):
                return Withheld(SuppressionReason.NO_SENDER)
            if await self.book.texting(caller, call.call_sid, now, history):
                break
        if not await self.quotas.take_unasked(_cause(call), day=self._day(ended)):
            return Withheld(SuppressionReason.DAILY_CAP)
        return self._outgoing(call, call.called, caller, now)

    async def _caller(self, call: Call, number: str, ended: datetime, history: History, now: datetime) -> Caller:
        began = call.began or ended
        reached_at = history.reached_besides(call.call_sid)
        wrote = await self.quotas.answered_since(number, began)
        refusal = await self.learning.lines.refusal(number, now)
        return Caller(
            opted_out=(await self.learning.ledger.standing(number)).opted_out,
            cannot_take_texts=refusal is not None,
            reached_since=wrote or (reached_at is not None and reached_at > began),
            texted_at=history.texted_besides(call.call_sid),
        )

    def _outgoing(self, call: Call, called: str, caller: str, now: datetime) -> Outgoing | Withheld:
        """From the number that was called, and no other: the caller knows that one."""
        text = replies.missed_call(self.house.practice, None, now)
        if text is None:
            return Withheld(SuppressionReason.SWITCHED_OFF)
        route = Route(provider=call.provider, sender=called)
        return Outgoing(routes=(route,), recipient=caller, text=text.text, about=About(language=text.language))

    def _day(self, ended: datetime) -> date:
        """The practice's day on which the call ended."""
        return ended.astimezone(self.house.practice.zone).date()


def _cause(call: Call) -> UUID:
    return UUID(event_id(call.provider, "call", call.call_sid, "missed"))
