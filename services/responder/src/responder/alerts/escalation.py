"""Whom to tell of an alert next, and when. Pure.

A step is written down before its text is sent and gets its ending after; so a process that dies in between leaves a
step that the next one brings to its end, with the same text to the same person. Who is on duty is asked anew for each
step: at the change of shifts the alert moves on to those who are now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.staff import AlertKind, AlertRaised
from responder.practice.people import OnCall, Person

TOO_OLD = timedelta(hours=6)
"""Nobody is called out of bed for an alert that is older (everything was down); it stays on the page."""

PAGED = frozenset({AlertKind.EMERGENCY_TEXT, AlertKind.EMERGENCY_VOICEMAIL, AlertKind.EMERGENCY_CALL})
"""Kinds of alerts that people are told of by text. The others wait on the page."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Ending(StrEnum):
    """What became of a step."""

    TOLD = "told"
    """The person was texted, or may have been."""
    PASSED = "passed"
    """They could not be; the next one is told at once, and they are left out from then on."""


class Step(_Kept):
    """One person is told once. `number` is theirs; `ordinal` is 1 for the first time they are told of this alert."""

    number: str
    ordinal: int
    at: AwareDatetime
    ending: Ending | None = None
    """None until it is known."""


class Acknowledgement(_Kept):
    """Somebody took the alert. `event_id`: the text in which they said so."""

    number: str
    event_id: UUID
    at: AwareDatetime


class Alert(_Kept):
    """What an alert is about."""

    id: UUID
    kind: str
    provider: str
    origin: str
    patient: str
    to_number: str
    at: AwareDatetime
    """When we learned of it."""
    traceparent: str | None = None

    @classmethod
    def of(cls, event: AlertRaised) -> "Alert":
        """As the event says."""
        data = event.data
        return cls(
            id=event.id,
            kind=str(data.kind),
            provider=data.provider,
            origin=data.origin,
            patient=data.from_number,
            to_number=data.to_number,
            at=event.recordedtime or event.time,
            traceparent=event.traceparent,
        )


class Escalation(_Kept):
    """An alert, whom it was told to so far, and who took it."""

    alert: Alert
    steps: tuple[Step, ...] = ()
    taken: Acknowledgement | None = None

    def begun(self, person: Person, at: datetime) -> "Escalation":
        """With one more step, whose ending is open."""
        step = Step(number=person.e164, ordinal=self.times_told(person.e164) + 1, at=at)
        return self.model_copy(update={"steps": (*self.steps, step)})

    def ended(self, step: Step, ending: Ending) -> "Escalation":
        """With the ending of `step`."""
        done = (_ended(one, ending) if _same(one, step) else one for one in self.steps)
        return self.model_copy(update={"steps": tuple(done)})

    def times_told(self, number: str) -> int:
        """How many steps that person had."""
        return sum(step.number == number for step in self.steps)

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """Steps that may still have to be sent."""
        return tuple(step for step in self.steps if step.ending is None)

    @property
    def told(self) -> tuple[str, ...]:
        """Who may know of it, in the order in which they were told; each once."""
        return tuple(dict.fromkeys(step.number for step in self.steps if step.ending is not Ending.PASSED))


@dataclass(frozen=True)
class Tell:
    """Tell this person now."""

    person: Person


@dataclass(frozen=True)
class Wait:
    """Somebody has time to answer until then."""

    until: datetime


@dataclass(frozen=True)
class Over:
    """Nobody else will be told."""

    why: str


def next_move(escalation: Escalation, on_call: OnCall, on_duty: Sequence[Person], now: datetime) -> Tell | Wait | Over:
    """What comes next: of those on duty the one who was told least often, in the order of the list."""
    if escalation.taken is not None:
        return Over("taken")
    if now - escalation.alert.at > TOO_OLD:
        return Over("too old")
    latest = escalation.steps[-1] if escalation.steps else None
    if latest and latest.ending is not Ending.PASSED and now < (due := latest.at + on_call.escalate_after):
        return Wait(due)
    left_out = {step.number for step in escalation.steps if step.ending is not Ending.TOLD}
    left = [
        person
        for person in on_duty
        if person.e164 not in left_out and escalation.times_told(person.e164) < on_call.rounds
    ]
    if not left:
        return Over("everybody was told" if escalation.told else "nobody could be told")
    return Tell(min(left, key=lambda person: escalation.times_told(person.e164)))


def _same(one: Step, other: Step) -> bool:
    return (one.number, one.ordinal) == (other.number, other.ordinal)


def _ended(step: Step, ending: Ending) -> Step:
    return step.model_copy(update={"ending": ending})
