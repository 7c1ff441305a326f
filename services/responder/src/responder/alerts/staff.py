"""Texts from people on call.

While an alert waits for their answer, they are no patients: ACK takes what they were told of, anything else is answered
with how to. Otherwise they are answered like everybody, so they can try out the practice's number from their own
phones. STOP is obeyed always.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from chassis import logs
from chassis.masking import mask_number
from chassis.tracing import child_of
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived
from contracts.staff import AlertAcknowledged, AlertAcknowledgedData
from contracts.values import Category
from responder.alerts import wording
from responder.alerts.acks import takes_it
from responder.alerts.book import Book
from responder.alerts.escalation import Acknowledgement, Escalation
from responder.decision import received_at
from responder.practice.model import Practice
from responder.understanding import classify

log = logs.get(__name__)

_CONSENT = frozenset({Category.OPT_OUT, Category.OPT_IN})


@dataclass(frozen=True)
class Answer:
    """What somebody on call is answered. `limited`: only within the budgets of their number."""

    text: str
    by: str
    limited: bool


@dataclass(frozen=True)
class Staff:
    """Answers people on call."""

    practice: Practice
    book: Book
    publish: Callable[[AnyEvent], Awaitable[None]]

    async def answer(self, text: SmsReceived) -> Answer | None:
        """The answer to a text that is about an alert, which it may take; None for every other text.

        The same again for the same text. Raises `Unavailable`.
        """
        person = self.practice.on_call_person(text.data.from_number)
        if person is None:
            return None
        told = (await self.book.pages(person.e164)).alerts(received_at(text))
        known = [found for alert in told if (found := await self.book.escalation(alert)) is not None]
        if not known:
            return None
        takes = takes_it(text.data.message)
        if not takes and await asyncio.to_thread(_is_for_the_carrier, text, self.practice):
            return None
        ours = [found for found in known if found.taken is None or found.taken.event_id == text.id]
        if not takes:
            return Answer(wording.unclear(self.practice), "on_call:unclear", limited=True) if ours else None
        taken = [took for found in ours if (took := await self._take(found, text, person.e164)) is not None]
        if not taken:
            return Answer(wording.nothing_open(self.practice), "on_call:late", limited=True)
        confirmation = wording.confirmation(self.practice, [took.alert for took in taken])
        return Answer(confirmation, "on_call:ack", limited=False)

    async def _take(self, known: Escalation, text: SmsReceived, number: str) -> Escalation | None:
        """Have the sender look after an alert and tell the others; None when somebody else was quicker."""
        at = received_at(text)
        took = await self.book.take(known.alert.id, Acknowledgement(number=number, event_id=text.id, at=at))
        if took is None or took.taken is None or took.taken.event_id != text.id:
            return None
        await self.publish(_acknowledged(took, text, number, at))
        log.info("somebody looks after an alert", alert=str(took.alert.id), person=mask_number(number))
        return took


def _is_for_the_carrier(text: SmsReceived, practice: Practice) -> bool:
    """Whether it is STOP or START in any words, or another command."""
    understanding = classify(text.data.message, practice, opt_out_type=text.data.opt_out_type)
    return understanding.category in _CONSENT or understanding.by.startswith(("command:", "provider:"))


def _acknowledged(took: Escalation, text: SmsReceived, number: str, at: datetime) -> AlertAcknowledged:
    alert = took.alert
    data = AlertAcknowledgedData(provider=text.data.provider, origin=alert.origin, alert=alert.id, by_number=number)
    return AlertAcknowledged.of(data, time=at, traceparent=child_of(alert.traceparent))
