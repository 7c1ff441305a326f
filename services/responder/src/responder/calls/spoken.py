"""Emergencies that are spoken: in a voicemail, as its transcript has it, or to the receptionist."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chassis import logs
from chassis.failures import Postponed, Refused
from chassis.tracing import child_of, trace_id
from contracts.call import CallTurnTaken
from contracts.recording import TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.staff import AlertKind, AlertRaised, AlertRaisedData
from contracts.values import Category
from responder.calls.book import Book
from responder.practice.model import Practice
from responder.understanding import classify

log = logs.get(__name__)

PATIENCE = timedelta(minutes=1)
"""How long an alert waits for the events that say who called. Then it goes out without a number."""
LOOK_AGAIN = timedelta(seconds=2)
NOBODY = "unknown"
"""In place of a number that no event told."""

STRETCH = 240
"""Characters that are understood at a time: speech goes on for long, and the emergency is one sentence of it."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Spoken:
    """Raises alerts for what callers say."""

    practice: Practice
    book: Book
    publish: Callable[[AnyEvent], Awaitable[None]]
    """Returns once the event is stored; raises `Unavailable`."""
    now: Callable[[], datetime] = field(default=_utc_now)

    async def transcript(self, event: AnyEvent) -> None:
        """Handle a recording's transcript. Raises `Postponed` while the caller may become known, and `Unavailable`."""
        if not isinstance(event, TranscriptionCompleted):
            raise Refused(f"{event.type} is no transcript")
        if is_conversation(event):
            return
        if await asyncio.to_thread(tells_of_emergency, event.data.transcription_text, self.practice):
            await self._raise(event, AlertKind.EMERGENCY_VOICEMAIL, event.data.recording_sid, event.data.call_sid)

    async def turn(self, event: CallTurnTaken) -> None:
        """Handle what a caller said to the receptionist. Raises like `transcript`."""
        if event.data.category == Category.EMERGENCY:
            await self._raise(event, AlertKind.EMERGENCY_CALL, event.data.call_sid, event.data.call_sid)

    async def _raise(
        self, event: TranscriptionCompleted | CallTurnTaken, kind: AlertKind, origin: str, call_sid: str | None
    ) -> None:
        call = await self.book.call(event.data.provider, call_sid) if call_sid else None
        known = call is not None and call.caller is not None and call.called is not None
        if call_sid and not known and self.now() - (event.recordedtime or event.time) < PATIENCE:
            raise Postponed("nothing says yet who called", after=LOOK_AGAIN.total_seconds())
        data = AlertRaisedData(
            provider=event.data.provider,
            kind=kind,
            origin=origin,
            from_number=(call.caller if call else None) or NOBODY,
            to_number=(call.called if call else None) or NOBODY,
        )
        await self.publish(AlertRaised.of(data, time=event.time, traceparent=child_of(event.traceparent)))
        log.info("a caller may have an emergency", kind=kind.value, trace_id=trace_id(event.traceparent))


def is_conversation(event: TranscriptionCompleted) -> bool:
    """Whether two sides speak: then somebody of the practice, or the receptionist, heard it."""
    return len({segment.speaker for segment in event.data.segments}) > 1


def tells_of_emergency(transcript: str, practice: Practice) -> bool:
    """Whether any stretch of `transcript` is understood as an emergency."""
    return any(classify(part, practice).category is Category.EMERGENCY for part in stretches(transcript))


def stretches(transcript: str) -> Iterator[str]:
    """The words in overlapping pieces of about `STRETCH` characters, so that no sentence is cut in all of them."""
    words = transcript.split()
    start = 0
    while start < len(words):
        end, length = start, 0
        while end < len(words) and (length == 0 or length + len(words[end]) < STRETCH):
            length += len(words[end]) + 1
            end += 1
        yield " ".join(words[start:end])
        if end >= len(words):
            return
        start = max(start + 1, (start + end) // 2)
