"""What happened in a call, event by event, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recorder.web.pages.views import words
from recorder.web.pages.views.clock import Clock, Moment
from recorder.web.pages.views.words import in_words
from recorder.web.reading import models

Data = Mapping[str, Any]

_STATUSES = {
    "queued": "Waiting to be placed",
    "initiated": "Being placed",
    "ringing": "Ringing",
    "in-progress": "Picked up",
    "busy": "Busy",
    "no-answer": "Nobody answered",
    "failed": "Failed",
    "canceled": "Given up before anybody answered",
}
_LINES = {"front_desk": "Came in on the front desk's number", "receptionist": "Came in on the receptionist's number"}


@dataclass(frozen=True)
class Step:
    """One thing that happened."""

    at: Moment | None
    icon: str
    text: str
    heard: str = ""
    """What the caller said to the receptionist."""
    said: str = ""
    """What the receptionist answered."""


def timeline(events: Sequence[models.Happening], clock: Clock) -> tuple[Step, ...]:
    """From the `timeline` of a call; repeats of the same words one after the other are told once."""
    steps: list[Step] = []
    for event in events:
        tell = _TELLERS.get(event.type, _other)
        step = tell(event.data, clock.moment(event.time))
        if not steps or (steps[-1].text, steps[-1].said) != (step.text, step.said):
            steps.append(step)
    return tuple(steps)


def _received(data: Data, at: Moment | None) -> Step:
    return Step(at, "phone-incoming", _LINES.get(data.get("line") or "", "Came in"))


def _status(data: Data, at: Moment | None) -> Step:
    status = data.get("status")
    if status == "completed":
        lasted = words.length(data.get("duration"))
        return Step(at, "check", f"Ended after {lasted}" if lasted else "Ended")
    return Step(at, "phone", in_words(_STATUSES, status))


def _detail(data: Data, at: Moment | None) -> Step:
    said = [words.length(data.get("duration"))]
    if data.get("price") is not None:
        said.append(words.money(float(data["price"]), data.get("price_unit")))
    known = ", ".join(each for each in said if each)
    return Step(
        at, "dollar-sign", f"The provider's record arrived: {known}" if known else "The provider's record arrived"
    )


def _turn(data: Data, at: Moment | None) -> Step:
    return Step(at, "bot", "Receptionist", heard=data.get("heard") or "", said=data.get("said") or "")


def _recording(data: Data, at: Moment | None) -> Step:
    lasts = words.length(data.get("recording_duration"))
    return Step(at, "voicemail", f"Recording ready ({lasts})" if lasts else "Recording ready")


def _transcribed(data: Data, at: Moment | None) -> Step:
    sure = words.percent(data.get("confidence"))
    return Step(at, "check", f"Written down, {sure} sure of the words" if sure else "Written down")


def _not_transcribed(data: Data, at: Moment | None) -> Step:
    return Step(at, "circle-alert", f"Not written down: {in_words(words.NO_TRANSCRIPT, data.get('reason'))}")


def _other(_: Data, at: Moment | None) -> Step:
    return Step(at, "clock", "Something this version does not know happened")


_TELLERS: dict[str, Callable[[Data, Moment | None], Step]] = {
    "frontdesk.call.received.v1": _received,
    "frontdesk.call.status_changed.v1": _status,
    "frontdesk.call.detail_recorded.v1": _detail,
    "frontdesk.call.turn_taken.v1": _turn,
    "frontdesk.recording.ready.v1": _recording,
    "frontdesk.transcription.completed.v1": _transcribed,
    "frontdesk.transcription.failed.v1": _not_transcribed,
    "frontdesk.transcription.skipped.v1": _not_transcribed,
}
