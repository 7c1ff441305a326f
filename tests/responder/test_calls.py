"""What is known of a call does not depend on the order of events, and when a text about one is due."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.call import CallReceived, CallStatusChanged
from contracts.recording import RecordingReady
from contracts.registry import AnyEvent
from contracts.sms import SuppressionReason
from responder.calls.call import Call, Outcome
from responder.calls.deciding import Caller, decide
from support.calls import AFTERNOON, ended, greeted, recording
from support.desk import practice_with
from support.responder import NUMBERS, PATIENT

PRACTICE = practice_with("", ("text_back = false", "text_back = true"))
EVENTS: list[AnyEvent] = [
    greeted("CA1", AFTERNOON),
    ended("CA1", "completed", at=AFTERNOON + timedelta(minutes=1), started_at=AFTERNOON - timedelta(seconds=1)),
    ended("CA1", "ringing", at=AFTERNOON),
    recording("CA1", AFTERNOON),
]


def folded(events: list[AnyEvent]) -> Call:
    call = Call(provider="twilio", call_sid="CA1")
    for event in events:
        match event:
            case CallReceived():
                call = call.with_received(event)
            case CallStatusChanged():
                call = call.with_status(event)
            case RecordingReady():
                call = call.with_recording(event)
    return call


@settings(deadline=None)
@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS)))
def test_a_call_is_the_same_in_whatever_order_and_however_often_it_is_told(
    events: list[AnyEvent], repeated: list[AnyEvent]
) -> None:
    assert folded([*events, *repeated]) == folded(EVENTS)
    assert folded(events).outcome is Outcome.REACHED


@settings(deadline=None)
@given(st.integers(0, 365 * 24 * 60), st.integers(0, 24 * 60))
def test_no_text_is_due_in_quiet_hours(ended_at: int, minutes: int) -> None:
    at = AFTERNOON + timedelta(minutes=ended_at)
    call = Call(provider="twilio", call_sid="CA1", caller=PATIENT, called=NUMBERS["twilio"])
    caller = Caller(opted_out=False, cannot_take_texts=False, reached_since=False, texted_at=None)
    now = at + timedelta(minutes=minutes)
    due = decide(call, at, caller, PRACTICE, frozenset(), now)
    if isinstance(due, datetime):
        assert PRACTICE.quiet_until(due) is None
        assert due > now or PRACTICE.quiet_until(now) is None
        assert due - at < timedelta(hours=13)
    else:
        assert due in {SuppressionReason.TOO_OLD, SuppressionReason.QUIET_HOURS}
