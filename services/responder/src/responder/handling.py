"""The story of one patient's text, from the bus to its outcome. Why it is never answered twice: `sending.claims`."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial

from chassis import logs
from chassis.failures import Refused
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed, SuppressionReason
from contracts.values import Category
from responder import outcomes
from responder.alerts.staff import Answer, Staff
from responder.consent.learning import Cause, Learning
from responder.decision import Decision, House, Silence, decide, received_at
from responder.requests.events import requests
from responder.senders import codes
from responder.sending.keys import reply_key
from responder.sending.messages import About, Errand, Outgoing, Withheld
from responder.sending.outbox import Forgotten, Outbox
from responder.silence.budgets import Wish
from responder.silence.quotas import Quotas
from responder.store import Conflict
from responder.understanding import Understanding
from responder.understanding.remote import Remote, understand

log = logs.get(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Responder:
    """Answers texts."""

    house: House
    outbox: Outbox
    learning: Learning
    quotas: Quotas
    staff: Staff
    publish: Callable[[AnyEvent], Awaitable[None]]
    """Returns once the event is stored; raises `Unavailable`."""
    now: Callable[[], datetime] = field(default=_utc_now)
    remote: Remote | None = None

    async def handle(self, event: AnyEvent) -> None:
        """Bring one text to its outcome and publish that; again when it was brought there before.

        Raises `Unavailable` when the text has to be delivered again, `Refused` for any other event.
        """
        if not isinstance(event, SmsReceived):
            raise Refused(f"{event.type} is no text")
        errand = Errand(reply_key(event.id), partial(self._answer, event), partial(outcomes.tell, event))
        try:
            outcome = await self.outbox.once(errand)
        except Forgotten:
            log.info("a text of somebody who was erased came again", event_id=str(event.id))
            return
        await self._follow(event, outcome)

    async def _answer(self, text: SmsReceived) -> Outgoing | Withheld:
        """What to send, or why not. Done again for each attempt to send."""
        if (answer := await self.staff.answer(text)) is not None:
            return await self._answer_staff(text, answer)
        understanding = await understand(
            text.data.message, self.house.practice, self.remote, opt_out_type=text.data.opt_out_type
        )
        decision = await self._decide(text, understanding)
        about = _about(decision, understanding)
        if isinstance(decision.answer, Silence):
            return Withheld(decision.answer.reason, about)
        reply = decision.answer
        refusal = await self._refusal(text, decision.category, reply.text)
        if refusal is not None:
            return Withheld(refusal, about)
        return Outgoing(
            routes=reply.routes,
            recipient=text.data.from_number,
            text=reply.text,
            about=about,
            confirms_opt_out=decision.category is Category.OPT_OUT,
        )

    async def _answer_staff(self, text: SmsReceived, answer: Answer) -> Outgoing | Withheld:
        """What to send to somebody on call, whose text was about an alert."""
        about = About(understood_by=answer.by, language=self.house.practice.practice.language)
        if text.data.provider not in self.house.senders:
            return Withheld(SuppressionReason.NO_SENDER, about)
        if answer.limited and (refusal := await self._refusal(text, Category.NONE, answer.text)) is not None:
            return Withheld(refusal, about)
        routes = self.house.routes(text.data.provider, text.data.to_number)
        return Outgoing(routes=routes, recipient=text.data.from_number, text=answer.text, about=about)

    async def _refusal(self, text: SmsReceived, category: Category, said: str) -> SuppressionReason | None:
        """Why the sender has had enough of our texts; None when the answer is within the budgets and counted."""
        wish = Wish(text.id, category, asked=text.data.message, said=said)
        return await self.quotas.take(text.data.from_number, wish, day=self._day(text), now=self.now())

    async def _decide(self, text: SmsReceived, understanding: Understanding) -> Decision:
        """Decide, and do at once what does not depend on whether the reply gets out."""
        while True:
            standing = await self.learning.ledger.standing(text.data.from_number)
            decision = decide(text, understanding, standing, self.house, self.now())
            if decision.alert:
                await self.publish(outcomes.emergency_alert(text))
            for request in requests(text, decision):
                await self.publish(request)
            if decision.consent is None:
                return decision
            with suppress(Conflict):
                await self.learning.word(_cause(text), standing, decision.consent)
                return decision

    async def _follow(self, text: SmsReceived, outcome: SmsSent | SmsSuppressed) -> None:
        """Everything that follows from an outcome that is written down. Done again whenever the text is repeated."""
        if outcomes.is_unknown(outcome):
            await self.publish(outcomes.unknown_reply_alert(text, outcome))
        elif isinstance(outcome, SmsSuppressed):
            await self._learn(text, outcome)
            await self.quotas.release(text.data.from_number, text.id, day=self._day(text))
        await self.publish(outcome)

    async def _learn(self, text: SmsReceived, outcome: SmsSuppressed) -> None:
        """What a provider's refusal says about the patient's number."""
        code = outcome.data.error_code
        meaning = codes.TWILIO.get(code) if code else None
        if code and meaning:
            await self.learning.refusal(_cause(text), code, meaning, at=outcome.time)

    def _day(self, text: SmsReceived) -> date:
        """The practice's day on which the text came in."""
        return received_at(text).astimezone(self.house.practice.zone).date()


def _cause(text: SmsReceived) -> Cause:
    asked = text.data
    return Cause(text.id, asked.provider, asked.from_number, asked.message_sid, text.traceparent)


def _about(decision: Decision, understanding: Understanding) -> About:
    return About(
        category=decision.category,
        understood_by=understanding.by,
        confidence=understanding.confidence,
        language=understanding.language,
        needs_staff=understanding.needs_staff,
    )
