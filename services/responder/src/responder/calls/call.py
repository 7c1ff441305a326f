"""What is known of a call. Pure: every event adds to it, in any order and any number of times."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.call import TERMINAL_CALL_STATUSES, CallDetailRecorded, CallReceived, CallStatusChanged
from contracts.recording import RecordingReady
from contracts.values import Direction


class Outcome(StrEnum):
    """How a call ended for the caller."""

    MISSED = "missed"
    """Nobody answered, or only our greeting did and the caller left no message."""
    REACHED = "reached"
    """They spoke to somebody, or left a message."""
    ANSWERED = "answered"
    """So the provider says, and nothing yet tells by whom: somebody, unless it was our greeting."""
    NONE = "none"
    """It is not over, or was not for us."""


class Call(BaseModel):
    """What is known so far; None and empty where nothing is."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    provider: str
    call_sid: str
    caller: str | None = None
    called: str | None = None
    direction: Direction | None = None
    line: str | None = None
    """Which answer of ours took it, when one did."""
    statuses: frozenset[str] = frozenset()
    """Final ones only."""
    began: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    recorded: bool = False
    connected: bool = False
    """A leg to somebody at the practice was answered."""

    def with_received(self, event: CallReceived) -> "Call":
        """After the call's arrival."""
        data = event.data
        began = _earliest(self.began, _ours(data.started_at, event))
        return self._with(data.from_number, data.to_number, data.direction, line=data.line, began=began)

    def with_status(self, event: CallStatusChanged | CallDetailRecorded) -> "Call":
        """After a status or the call's record."""
        data = event.data
        final = data.status in TERMINAL_CALL_STATUSES
        known = self._with(data.from_number, data.to_number, data.direction)
        return known.model_copy(
            update={
                "statuses": self.statuses | {data.status} if final else self.statuses,
                "began": _earliest(self.began, _ours(data.started_at, event) if data.started_at else None),
                "ended": _earliest(self.ended, _ours(data.ended_at or event.time, event) if final else None),
            }
        )

    def with_leg(self, event: CallStatusChanged) -> "Call":
        """After the status of a leg that this call was put through to."""
        answered = event.data.status == "in-progress" or (event.data.status == "completed" and event.data.duration != 0)
        return self.model_copy(update={"connected": self.connected or answered})

    def with_recording(self, _: RecordingReady) -> "Call":
        """After a recording of it."""
        return self.model_copy(update={"recorded": True})

    @property
    def outcome(self) -> Outcome:
        """How it ended, as far as it is known."""
        if self.direction is not Direction.INBOUND or not self.statuses:
            return Outcome.NONE
        if self.connected or self.recorded or self.line == "receptionist":
            return Outcome.REACHED
        if "completed" not in self.statuses:
            return Outcome.MISSED
        return Outcome.MISSED if self.line == "front_desk" else Outcome.ANSWERED

    def _with(self, caller: str | None, called: str | None, direction: Direction | None, **more: object) -> Self:
        told = {"caller": caller, "called": called, "direction": direction, **more}
        return self.model_copy(update={name: value for name, value in told.items() if value is not None})


def parent_of(event: CallStatusChanged) -> str | None:
    """The call that this one is a leg of (Twilio docs: "Call resource", ParentCallSid)."""
    return event.data.metadata.get("ParentCallSid") or None


def _ours(said: datetime, event: CallReceived | CallStatusChanged | CallDetailRecorded) -> datetime:
    """A provider's time, unless its clock is ahead of ours."""
    return min(said, event.recordedtime or said)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
