"""How the ledger and the lines come to know: from patients' words, refused sends and delivery reports."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import logs
from chassis.failures import Refused
from chassis.masking import mask_number
from chassis.tracing import child_of
from contracts.consent import ConsentChanged, ConsentChangedData, ConsentSource, ConsentState
from contracts.registry import AnyEvent
from contracts.sms import SmsStatusChanged
from responder.consent.ledger import Ledger, Standing, Word, merge
from responder.consent.lines import REMEMBERED, Lines, Refusal
from responder.senders import codes
from responder.senders.port import Meaning
from responder.store import Conflict

log = logs.get(__name__)


@dataclass(frozen=True)
class Cause:
    """The event that something is learnt from, as far as it shows in what is told of it."""

    event_id: UUID
    provider: str
    number: str
    """Whose consent or line it is about, E.164."""
    message_sid: str
    traceparent: str | None


@dataclass(frozen=True)
class Learning:
    """Keeps what is learnt, and tells the others of changed consent."""

    ledger: Ledger
    lines: Lines
    publish: Callable[[AnyEvent], Awaitable[None]]
    """Returns once the event is stored; raises `Unavailable`."""

    async def word(self, cause: Cause, standing: Standing, word: Word) -> None:
        """Write a word to the ledger, and tell the others when it changed something.

        Raises `store.Conflict` when the ledger is newer than `standing`, and `Unavailable`.
        """
        if word != standing.word:
            await self.ledger.write(cause.number, word, standing.revision)
        if word.changed:
            await self.publish(consent_changed(cause, word))

    async def refusal(self, cause: Cause, code: str, meaning: Meaning, *, at: datetime) -> None:
        """Keep what a provider's code says about a number. Raises `Unavailable`."""
        if meaning is Meaning.OPTED_OUT:
            await self._opted_out(cause, at)
        elif meaning in REMEMBERED:
            await self.lines.remember(cause.number, Refusal(meaning=meaning, code=code, at=at))

    async def _opted_out(self, cause: Cause, at: datetime) -> None:
        """The provider knows that the number opted out; now the ledger does too, unless it knows something newer."""
        source = ConsentSource.PROVIDER
        new = Word(state=ConsentState.OPTED_OUT, said_at=at, event_id=cause.event_id, source=source)
        while True:
            standing = await self.ledger.standing(cause.number)
            merged = merge(standing.word, new)
            if merged.event_id != cause.event_id:
                return
            with suppress(Conflict):
                await self.word(cause, standing, merged)
                return

    async def delivery(self, event: AnyEvent) -> None:
        """Learn from a delivery report: opt-outs and dead lines often show only after a text was accepted.

        Raises `Unavailable`, and `Refused` for any other event.
        """
        if not isinstance(event, SmsStatusChanged):
            raise Refused(f"{event.type} is no delivery report")
        code, number = event.data.error_code, event.data.to_number
        meaning = codes.TWILIO_REPORTS.get(code) if code and event.data.provider == "twilio" else None
        if code is None or number is None or meaning is None:
            return
        log.info("a delivery report tells of a number", code=code, meaning=meaning.value, number=mask_number(number))
        cause = Cause(event.id, event.data.provider, number, event.data.message_sid, event.traceparent)
        await self.refusal(cause, code, meaning, at=event.recordedtime or event.time)


def consent_changed(cause: Cause, word: Word) -> ConsentChanged:
    """The number of `cause` opted out or in."""
    data = ConsentChangedData(
        provider=cause.provider,
        number=cause.number,
        state=word.state,
        message_sid=cause.message_sid,
        learned_from=word.source,
    )
    return ConsentChanged.of(data, time=word.said_at, traceparent=child_of(cause.traceparent))
