"""One patient's text, from the bus to its outcome. `claims` says why no step can lead to a second reply."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NoReturn

from chassis import logs
from chassis.failures import Refused, Unavailable
from chassis.masking import mask_number
from chassis.tracing import trace_id
from contracts.consent import ConsentState
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SuppressionReason
from responder import outcomes
from responder.claims import SENDING_TAKES, Claims, Concluded, Held, NotSent, Outcome, Sending
from responder.consent import Ledger, Standing, Word, merge
from responder.decision import Decision, House, Silence, decide
from responder.metrics import REPLIES
from responder.senders import port
from responder.store import Conflict
from responder.understanding import classify

log = logs.get(__name__)

SEND_ATTEMPTS = 6
"""Times a provider may turn a reply away before staff are told instead. Counted in the claim, where an outage of the
bus or a restart does not count, so a text cannot end as a dead letter without an outcome. Neither does a refusal of our
credentials: the text waits until they work, or until it is `decision.TOO_OLD`."""

POLL_SECONDS = 0.2
RECORD_PAUSE_SECONDS = 0.5


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Responder:
    """Answers texts."""

    house: House
    senders: Mapping[str, port.Sender]
    claims: Claims
    ledger: Ledger
    publish: Callable[[AnyEvent], Awaitable[None]]
    """Returns once the event is stored; raises `Unavailable`."""
    now: Callable[[], datetime] = field(default=_utc_now)

    async def handle(self, event: AnyEvent) -> None:
        """Bring one text to its outcome and publish that; again when it was brought there before.

        Raises `Unavailable` when the text has to be delivered again, `Refused` for any other event.
        """
        if not isinstance(event, SmsReceived):
            raise Refused(f"{event.type} is no text")
        held = await self._held_alone(event)
        match held.claim:
            case Concluded(outcome=outcome):
                await self._follow(event, outcome)
            case Sending(category=category):
                unknown = SuppressionReason.UNKNOWN_OUTCOME
                await self._conclude(event, held, outcomes.suppressed(event, category, unknown, at=self.now()))
            case None | NotSent():
                await self._answer(event, held)

    async def _held_alone(self, text: SmsReceived) -> Held:
        """The text's claim, once nobody else can be sending; however wrong the clock was that `since` came from."""
        watched_enough = time.monotonic() + SENDING_TAKES.total_seconds()
        while True:
            held = await self.claims.get(text.id)
            if not isinstance(held.claim, Sending) or held.claim.is_left_behind(self.now()):
                return held
            if time.monotonic() > watched_enough:
                return held
            await asyncio.sleep(POLL_SECONDS)

    async def _answer(self, text: SmsReceived, held: Held) -> None:
        decision = await self._decide(text)
        if isinstance(decision.answer, Silence):
            outcome = outcomes.suppressed(text, decision.category, decision.answer.reason, at=self.now())
            await self._conclude(text, held, outcome)
            return
        attempt = held.claim.attempts + 1 if isinstance(held.claim, NotSent) else 1
        sending = Sending(category=decision.category, attempt=attempt, since=self.now())
        try:
            ours = await self.claims.move(text.id, held, sending)
        except Conflict:
            raise Unavailable("another delivery of this text came first") from None
        await self._send(text, ours, sending, decision.answer.text)

    async def _decide(self, text: SmsReceived) -> Decision:
        """Understand the text, and do at once what does not depend on whether the reply gets out."""
        understanding = classify(text.data.message, self.house.practice, opt_out_type=text.data.opt_out_type)
        while True:
            standing = await self.ledger.standing(text.data.from_number)
            decision = decide(text, understanding, standing, self.house, self.now())
            if decision.alert:
                await self.publish(outcomes.emergency_alert(text))
            with suppress(Conflict):
                await self._keep(text, standing, decision.consent)
                return decision

    async def _keep(self, text: SmsReceived, standing: Standing, word: Word | None) -> None:
        """Write a word of the patient to the ledger, and tell the others when it changed something."""
        if word is None:
            return
        if word != standing.word:
            await self.ledger.write(text.data.from_number, word, standing.revision)
        if word.changed:
            await self.publish(outcomes.consent_changed(text, word))

    async def _send(self, text: SmsReceived, ours: Held, sending: Sending, message: str) -> None:
        """Call the provider, once, and write down how it ended. Only for who has just moved the claim to `sending`."""
        result = await self.senders[text.data.provider].send(
            sender=text.data.to_number, recipient=text.data.from_number, text=message
        )
        category, now = sending.category, self.now()
        match result:
            case port.Accepted():
                await self._conclude(text, ours, outcomes.sent(text, category, message, result, at=now))
            case port.Unknown(detail):
                log.error("a reply may or may not have been sent", event_id=str(text.id), detail=detail)
                unknown = SuppressionReason.UNKNOWN_OUTCOME
                await self._conclude(text, ours, outcomes.suppressed(text, category, unknown, at=now))
            case port.NotSent(code, misconfigured=True):
                await self._put_off(text, ours, NotSent(attempts=sending.attempt - 1, code=code))
            case port.NotSent(code, try_again=True) if sending.attempt < SEND_ATTEMPTS:
                await self._put_off(text, ours, NotSent(attempts=sending.attempt, code=code))
            case port.NotSent(code, opted_out=opted_out):
                reason = SuppressionReason.OPTED_OUT if opted_out else SuppressionReason.REJECTED
                await self._conclude(text, ours, outcomes.suppressed(text, category, reason, at=now, code=code))

    async def _put_off(self, text: SmsReceived, ours: Held, to: NotSent) -> NoReturn:
        """Have the text delivered again, and the reply sent then if it is still wanted. Raises `Unavailable`."""
        with suppress(Conflict):
            await self._record(text, ours, to)
        raise Unavailable(f"{text.data.provider} did not take the reply ({to.code})")

    async def _conclude(self, text: SmsReceived, held: Held, outcome: Outcome) -> None:
        """Write the outcome down, then act on it. When another delivery wrote one first, that one counts."""
        try:
            await self._record(text, held, Concluded(state=_state_of(outcome), outcome=outcome))
        except Conflict:
            stored = (await self.claims.get(text.id)).claim
            if not isinstance(stored, Concluded):
                raise Unavailable("another delivery of this text came first") from None
            outcome = stored.outcome
        else:
            _report(text, outcome)
        await self._follow(text, outcome)

    async def _follow(self, text: SmsReceived, outcome: Outcome) -> None:
        """Everything that follows from an outcome that is written down. Done again whenever the text is repeated."""
        if outcomes.is_refused_opt_out(outcome):
            await self._opt_out(text, said_at=outcome.time)
        if outcomes.is_unknown(outcome):
            await self.publish(outcomes.unknown_reply_alert(text, outcome))
        await self.publish(outcome)

    async def _opt_out(self, text: SmsReceived, *, said_at: datetime) -> None:
        """The provider knows that the patient opted out; now the ledger does too, unless it knows something newer."""
        new = Word(state=ConsentState.OPTED_OUT, said_at=said_at, event_id=text.id)
        while True:
            standing = await self.ledger.standing(text.data.from_number)
            merged = merge(standing.word, new)
            with suppress(Conflict):
                await self._keep(text, standing, merged if merged.event_id == text.id else None)
                return

    async def _record(self, text: SmsReceived, held: Held, to: Concluded | NotSent) -> None:
        """Move a claim on. What a provider answered is known to this process alone: it insists while NATS is away."""
        while True:
            try:
                await self.claims.move(text.id, held, to)
                return
            except Unavailable as error:
                if not isinstance(held.claim, Sending):
                    raise
                log.warning("cannot record how a reply ended; trying again", event_id=str(text.id), error=str(error))
                await asyncio.sleep(RECORD_PAUSE_SECONDS)


def _state_of(outcome: Outcome) -> Literal["sent", "withheld", "unknown"]:
    if isinstance(outcome, SmsSent):
        return "sent"
    return "unknown" if outcomes.is_unknown(outcome) else "withheld"


def _report(text: SmsReceived, outcome: Outcome) -> None:
    """Count and log one text that reached its outcome."""
    said = "sent" if isinstance(outcome, SmsSent) else str(outcome.data.reason)
    REPLIES.labels(text.data.provider, str(outcome.data.category), said).inc()
    log.info(
        "text concluded",
        outcome=said,
        error_code=None if isinstance(outcome, SmsSent) else outcome.data.error_code,
        category=str(outcome.data.category),
        provider=text.data.provider,
        patient=mask_number(text.data.from_number),
        event_id=str(text.id),
        trace_id=trace_id(text.traceparent),
    )
