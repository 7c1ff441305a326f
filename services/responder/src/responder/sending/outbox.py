"""The outbox: brings an errand to its one ending, with at most one text, whoever dies when."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar, cast

from chassis import logs
from chassis.failures import Unavailable
from contracts.sms import SuppressionReason
from responder.consent.ledger import Ledger
from responder.senders import port
from responder.sending.claims import Claim, Claims, Concluded, Erased, Held, InDoubt, NotSent, Sending
from responder.sending.doubt import Verdict
from responder.sending.inquiry import Inquiry
from responder.sending.messages import Ending, Errand, OutcomeT, Outgoing, Sent, UnknownOutcome, Withheld
from responder.sending.pace import Pace
from responder.sending.reporting import report
from responder.sending.retrying import after_doubt, after_refusal, pause_before, waits
from responder.store import Conflict

log = logs.get(__name__)

ResultT = TypeVar("ResultT")

CLAIM_IS_FRESH = 5.0
"""Seconds from asking for a claim to calling the provider. Whoever was held up for longer calls nobody."""
RECORD_PAUSE_SECONDS = 0.5


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Outbox:
    """Sends texts by the providers."""

    senders: Mapping[str, port.Sender]
    claims: Claims
    ledger: Ledger
    inquiry: Inquiry
    pace: Pace
    now: Callable[[], datetime] = field(default=_utc_now)

    async def once(self, errand: Errand[OutcomeT]) -> OutcomeT:
        """The outcome of `errand`: made now, or the very one that was made before.

        It is written down when this returns; the caller publishes it and does what else follows, as often as the
        cause is repeated. Raises `Unavailable` when the cause has to be delivered again (the provider is busy or
        away, a send in doubt must be asked about later): let it pass through the handler. Raises `Forgotten` when the
        errand was for somebody who was erased since.

            key = notice_key(purpose="alert", cause=str(alert.id), recipient=number, step=1)
            outcome = await outbox.once(Errand(key, decide, tell))
            await publish(outcome)
        """
        while True:
            held = await self.claims.get(errand.key)
            match held.claim:
                case Concluded(outcome=outcome):
                    return cast("OutcomeT", outcome)
                case Sending() | InDoubt() as tried:
                    await self._ask(errand, held, tried)
                case NotSent() | None:
                    await self._attempt(errand, held)
                case Erased():
                    raise Forgotten(errand.key)

    async def _attempt(self, errand: Errand[OutcomeT], held: Held) -> None:
        """Decide, and send if that is what was decided and consent allows."""
        before = held.claim if isinstance(held.claim, NotSent) else NotSent(attempts=0, code="")
        wanted = await errand.decide()
        if isinstance(wanted, Outgoing):
            wanted = await self._permitted(wanted, before)
        if isinstance(wanted, Withheld):
            await self._conclude(errand, held, wanted)
            return
        route = wanted.routes[before.route]
        await self.pace.turn(route)
        asked = time.monotonic()
        sending = Sending(outgoing=wanted, route=before.route, attempt=before.attempts + 1, since=self.now())
        ours = await self._move(held, sending)
        if time.monotonic() - asked > CLAIM_IS_FRESH:
            await self._record(ours, before)
            return
        result = await self.senders[route.provider].send(
            sender=route.sender, recipient=wanted.recipient, text=wanted.text
        )
        await self._settle(errand, ours, sending, result)

    async def _permitted(self, wanted: Outgoing, before: NotSent) -> Outgoing | Withheld:
        """Every text passes here: none goes to somebody who opted out, but for the confirmation of just that."""
        if not wanted.confirms_opt_out and (await self.ledger.standing(wanted.recipient)).opted_out:
            return Withheld(SuppressionReason.OPTED_OUT, wanted.about)
        if before.route >= len(wanted.routes):  # there are fewer since the last attempt
            return Withheld(SuppressionReason.REJECTED, wanted.about, before.code)
        return wanted

    async def _settle(self, errand: Errand[OutcomeT], ours: Held, sending: Sending, result: port.Outcome) -> None:
        """Write down how a call ended. Only for who has just moved the claim to `sending`."""
        match result:
            case port.Accepted(sid, status):
                if await self._owned(errand.key, sending, sid):
                    await self._conclude(errand, ours, Sent(sending.outgoing, sending.way, sid, status))
                else:
                    await self._record(ours, _in_doubt(sending, "accepted_as_anothers"))
            case port.Unknown(detail):
                log.warning("a text may or may not have been sent; asking", key=errand.key, detail=detail)
                await self._record(ours, _in_doubt(sending, detail))
            case port.NotSent() as refusal:
                await self._refused(errand, ours, sending, refusal)

    async def _refused(self, errand: Errand[OutcomeT], ours: Held, sending: Sending, refusal: port.NotSent) -> None:
        if refusal.retry_after:
            self.pace.hold(sending.way, refusal.retry_after)
        following = after_refusal(sending, refusal)
        if isinstance(following, Withheld):
            await self._conclude(errand, ours, following)
            return
        await self._record(ours, following)
        if waits(following, sending):
            code, after = refusal.code, refusal.retry_after or pause_before(following)
            raise Unavailable(f"{sending.way.provider} did not take the text ({code})", after=after)

    async def _ask(self, errand: Errand[OutcomeT], held: Held, tried: Sending | InDoubt) -> None:
        """Settle a text in doubt by what the provider has. Raises `Unavailable` to be asked again later."""
        found = await self.inquiry.about(held.key, tried, now=self.now())
        match found:
            case port.Listed(message_sid=sid, status=status):
                await self._conclude(errand, held, Sent(tried.outgoing, tried.way, sid, status))
            case Verdict.UNKNOWN:
                await self._conclude(errand, held, UnknownOutcome(tried.outgoing, tried.way))
            case Verdict.NOT_SENT:
                following = after_doubt(tried)
                if isinstance(following, Withheld):
                    await self._conclude(errand, held, following)
                else:
                    await self._move(held, following)
            case timedelta() as later:
                raise Unavailable("a text in doubt is not settled yet", after=later.total_seconds())

    async def _conclude(self, errand: Errand[OutcomeT], held: Held, ending: Ending) -> None:
        outcome = errand.tell(ending, self.now())
        await self._record(held, Concluded(state=_state_of(ending), outcome=outcome))
        report(errand.key, outcome)

    async def _owned(self, key: str, sending: Sending, sid: str) -> bool:
        return await _insisting(lambda: self.claims.own(key, provider=sending.way.provider, message_sid=sid))

    async def _record(self, held: Held, to: Claim) -> None:
        """Move a claim on, however long NATS is away, if it was `sending`: how that ended only this process knows."""
        if isinstance(held.claim, Sending):
            await _insisting(lambda: self._move(held, to))
        else:
            await self._move(held, to)

    async def _move(self, held: Held, to: Claim) -> Held:
        try:
            return await self.claims.move(held, to)
        except Conflict:
            raise Overtaken("another delivery of this cause came first", after=1) from None


class Forgotten(Exception):
    """Whoever the errand was for wanted to be forgotten: there is nothing left to do, and nothing to tell."""


class Overtaken(Unavailable):
    """Another process moved the claim: what it made of it counts."""


def _in_doubt(sending: Sending, detail: str) -> InDoubt:
    return InDoubt(
        outgoing=sending.outgoing, route=sending.route, attempt=sending.attempt, since=sending.since, detail=detail
    )


def _state_of(ending: Ending) -> Literal["sent", "withheld", "unknown"]:
    match ending:
        case Sent():
            return "sent"
        case Withheld():
            return "withheld"
        case UnknownOutcome():
            return "unknown"


async def _insisting(write: Callable[[], Awaitable[ResultT]]) -> ResultT:
    while True:
        try:
            return await write()
        except Overtaken:
            raise
        except Unavailable as error:
            log.warning("cannot record how a send ended; trying again", error=str(error))
            await asyncio.sleep(RECORD_PAUSE_SECONDS)
