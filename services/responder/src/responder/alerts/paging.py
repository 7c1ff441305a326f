"""Telling the people on call of an alert, step by step, until somebody takes it. What comes next: `escalation`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from chassis import logs
from chassis.failures import Postponed, Refused, Unavailable
from chassis.masking import mask_number
from chassis.tracing import trace_id
from contracts.notice import NoticePurpose, NoticeWithheld
from contracts.registry import AnyEvent
from contracts.sms import SuppressionReason
from contracts.staff import AlertAcknowledged, AlertRaised
from responder.alerts import wording
from responder.alerts.book import Book
from responder.alerts.escalation import PAGED, TOO_OLD, Alert, Ending, Escalation, Over, Step, Tell, Wait, next_move
from responder.consent.learning import Learning
from responder.notices import Notice, Notification, may_have_left
from responder.practice.model import Practice
from responder.refusals import learn
from responder.sending.messages import About, Errand, Outgoing, Route, Withheld
from responder.sending.outbox import Forgotten, Outbox

log = logs.get(__name__)

LOOK_AGAIN = timedelta(minutes=1)
"""The longest that an alert is put off before it is looked at again."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Paging:
    """Handles `alert.raised` and `alert.acknowledged`."""

    practice: Practice
    outbox: Outbox
    learning: Learning
    book: Book
    numbers: Mapping[str, str]
    """Our number at each provider that can send."""
    publish: Callable[[AnyEvent], Awaitable[None]]
    """Returns once the event is stored; raises `Unavailable`."""
    now: Callable[[], datetime] = field(default=_utc_now)

    async def handle(self, event: AnyEvent) -> None:
        """Do what is due. Raises `Postponed` while more is to be done, `Unavailable` when something is away."""
        try:
            await self._handle(event)
        except Forgotten:
            log.info("an alert about somebody who was erased waits no more", alert=str(event.id))

    async def _handle(self, event: AnyEvent) -> None:
        match event:
            case AlertRaised() if event.data.kind in PAGED:
                await self._escalate(Alert.of(event))
            case AlertRaised():
                log.info("an alert waits on the page", kind=str(event.data.kind), alert=str(event.id))
            case AlertAcknowledged():
                await self._call_off(event.data.alert, event.data.by_number)
            case _:
                raise Refused(f"{event.type} is no alert")

    async def _escalate(self, alert: Alert) -> None:
        while True:
            known = await self.book.escalation(alert.id)
            escalation = known or Escalation(alert=alert)
            steps = escalation.open_steps
            trouble = await _first_trouble([partial(self._tell, alert, step) for step in steps])
            if steps and trouble is None:
                continue
            now = self.now()
            match next_move(escalation, self.practice.on_call, self.practice.on_duty(now), now):
                case Tell(person):
                    await self.book.begin(alert, known, person, now)
                case Wait(until):
                    pause = min(until - now, LOOK_AGAIN)
                    raise trouble or Postponed("somebody has time to answer", after=pause.total_seconds())
                case Over(why):
                    if trouble is not None:
                        raise trouble
                    log.info("nobody else is told", why=why, alert=str(alert.id), trace_id=trace_id(alert.traceparent))
                    return

    async def _tell(self, alert: Alert, step: Step) -> None:
        """Bring one step to its ending. Raises `Unavailable` when that has to wait."""
        outcome = await self._send(alert, step.number, step.ordinal, partial(self._page, alert, step))
        if may_have_left(outcome):
            await self.book.end(alert.id, step, Ending.TOLD)
            return
        await self.book.uncount(step.number, alert.id, step.ordinal)
        await self.book.end(alert.id, step, Ending.PASSED)

    async def _page(self, alert: Alert, step: Step) -> Outgoing | Withheld:
        """What to text, or why not."""
        known, now = await self.book.escalation(alert.id), self.now()
        if known is not None and known.taken is not None:
            return Withheld(SuppressionReason.ACKNOWLEDGED)
        if now - alert.at > TOO_OLD:
            return Withheld(SuppressionReason.TOO_OLD)
        per_hour = self.practice.on_call.texts_per_hour
        words = await self.book.count(step.number, alert.id, step.ordinal, now=now, per_hour=per_hour)
        if words is None:
            return Withheld(SuppressionReason.SENDER_BUDGET)
        return self._outgoing(alert, step.number, wording.page(self.practice, alert, words))

    async def _call_off(self, alert_id: UUID, by_number: str) -> None:
        """Tell everybody else who was told that somebody looks after it."""
        known = await self.book.escalation(alert_id)
        if known is None:
            return
        text = wording.taken(self.practice, known.alert, by_number)
        others = [number for number in known.told if number != by_number]
        trouble = await _first_trouble([partial(self._relieve, known, number, text) for number in others])
        if trouble is not None:
            raise trouble

    async def _relieve(self, known: Escalation, number: str, text: str) -> None:
        async def decide() -> Outgoing | Withheld:
            return self._outgoing(known.alert, number, text)

        await self._send(known.alert, number, known.times_told(number) + 1, decide)

    async def _send(
        self, alert: Alert, number: str, step: int, decide: Callable[[], Awaitable[Outgoing | Withheld]]
    ) -> Notice:
        notification = Notification(NoticePurpose.ALERT, str(alert.id), number, alert.provider, step, alert.traceparent)
        outcome = await self.outbox.once(Errand(notification.key, decide, notification.tell))
        if isinstance(outcome, NoticeWithheld):
            await learn(self.learning, outcome)
            if outcome.data.reason is SuppressionReason.OPTED_OUT:
                log.error("somebody on call said STOP: alerts cannot reach them", person=mask_number(number))
        await self.publish(outcome)
        return outcome

    def _outgoing(self, alert: Alert, number: str, text: str) -> Outgoing | Withheld:
        """By the provider that the alert came from, or else by another one."""
        ways = sorted(self.numbers.items(), key=lambda way: way[0] != alert.provider)
        if not ways:
            return Withheld(SuppressionReason.NO_SENDER)
        routes = tuple(Route(provider=provider, sender=sender) for provider, sender in ways)
        about = About(language=self.practice.practice.language)
        return Outgoing(routes=routes, recipient=number, text=text, about=about)


async def _first_trouble(attempts: list[Callable[[], Awaitable[None]]]) -> Unavailable | None:
    """Make all attempts; the first that has to wait, if any: one person's text must not hold up another's."""
    trouble: Unavailable | None = None
    for attempt in attempts:
        try:
            await attempt()
        except Unavailable as error:
            trouble = trouble or error
    return trouble
