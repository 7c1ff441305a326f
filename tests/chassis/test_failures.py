"""What becomes of a failed message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.failures import (
    DELAYS,
    MAX_ATTEMPTS,
    NotYet,
    Postponed,
    Refused,
    SetAside,
    TryAgain,
    Unavailable,
    settle,
)
from contracts import InvalidEvent
from contracts.dead_letters import DeadLetterReason


@given(st.integers(1, 10_000))
def test_an_outage_is_waited_out_for_ever(attempt: int) -> None:
    assert isinstance(settle(Unavailable("database"), attempt), TryAgain)


@given(st.integers(1, 10_000), st.floats(0, 900))
def test_what_is_put_off_comes_again_when_it_is_due_however_often(attempt: int, after: float) -> None:
    assert settle(Postponed("not due yet", after=after), attempt) == TryAgain(after)


@pytest.mark.parametrize("error", [NotYet("recording"), RuntimeError("defect")])
def test_other_failures_are_tried_a_few_times_with_growing_delay(error: Exception) -> None:
    decisions = [settle(error, attempt) for attempt in range(1, MAX_ATTEMPTS + 1)]
    delays = [decision.delay for decision in decisions if isinstance(decision, TryAgain)]
    assert delays == sorted(delays) == list(DELAYS)
    last = decisions[-1]
    assert isinstance(last, SetAside)
    assert last.reason is DeadLetterReason.EXHAUSTED


@pytest.mark.parametrize(
    ("error", "reason"),
    [(InvalidEvent("no"), DeadLetterReason.INVALID), (Refused("no"), DeadLetterReason.REFUSED)],
)
def test_what_can_never_work_is_set_aside_at_once(error: Exception, reason: DeadLetterReason) -> None:
    decision = settle(error, 1)
    assert isinstance(decision, SetAside)
    assert decision.reason is reason
