"""The story of a call, from the bus: what it tells is kept, its end is followed up, what was said is listened to."""

from dataclasses import dataclass

from chassis.failures import Refused
from contracts.call import TERMINAL_CALL_STATUSES, CallDetailRecorded, CallReceived, CallStatusChanged, CallTurnTaken
from contracts.recording import RecordingReady
from contracts.registry import AnyEvent
from responder.calls.book import Book
from responder.calls.call import parent_of
from responder.calls.missed import MissedCalls
from responder.calls.spoken import Spoken


@dataclass(frozen=True)
class Calls:
    """Handles everything about calls and that they were recorded."""

    book: Book
    missed: MissedCalls
    spoken: Spoken

    async def handle(self, event: AnyEvent) -> None:
        """Raises `Postponed` while more is to be done, `Unavailable` when something is away, `Refused` for no call."""
        match event:
            case CallReceived():
                await self.book.learn(event.data.provider, event.data.call_sid, lambda call: call.with_received(event))
            case CallStatusChanged() if (parent := parent_of(event)) is not None:
                await self.book.learn(event.data.provider, parent, lambda call: call.with_leg(event))
            case CallStatusChanged() | CallDetailRecorded():
                known = await self.book.learn(
                    event.data.provider, event.data.call_sid, lambda call: call.with_status(event)
                )
                if event.data.status in TERMINAL_CALL_STATUSES:
                    await self.missed.over(known, known.ended or event.time, event.traceparent)
            case RecordingReady(data=data):
                if data.call_sid is not None:
                    await self.book.learn(data.provider, data.call_sid, lambda call: call.with_recording(event))
            case CallTurnTaken():
                await self.spoken.turn(event)
            case _:
                raise Refused(f"{event.type} tells of no call")
