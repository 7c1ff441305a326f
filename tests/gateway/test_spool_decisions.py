"""Whether NATS is tried first, and how the drainer paces itself: pure decisions."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.publishing.breaker import PATIENCE_SECONDS, Breaker
from gateway.publishing.drain import WINDOW, delay, window


def test_one_failure_keeps_the_others_from_waiting_until_somebody_proves_that_nats_works() -> None:
    breaker = Breaker()
    assert breaker.closed
    assert breaker.failed(10.0)
    assert not breaker.closed
    assert not breaker.failed(11.0)
    assert breaker.proved()
    assert breaker.closed
    assert not breaker.proved()


def test_an_empty_spool_proves_nothing_until_the_failure_is_a_while_ago() -> None:
    breaker = Breaker()
    assert not breaker.nothing_to_prove_with(100.0)
    breaker.failed(10.0)
    breaker.failed(10.5)
    assert not breaker.nothing_to_prove_with(10.0 + PATIENCE_SECONDS)
    assert not breaker.closed
    assert breaker.nothing_to_prove_with(10.5 + PATIENCE_SECONDS)
    assert breaker.closed


@given(st.lists(st.sampled_from(["failed", "proved"]), min_size=1))
def test_the_last_word_counts(words: list[str]) -> None:
    breaker = Breaker()
    for now, word in enumerate(words):
        if word == "failed":
            breaker.failed(now)
        else:
            breaker.proved()
    assert breaker.closed is (words[-1] == "proved")


@given(st.lists(st.booleans()))
def test_the_drainer_asks_with_one_event_and_speeds_up_with_every_success(failures: list[bool]) -> None:
    size = 1
    for failed in failures:
        before, size = size, window(size, failed=failed)
        assert size == 1 if failed else before <= size <= min(WINDOW, 2 * before)
    for _ in range(10):
        size = window(size, failed=False)
    assert size == WINDOW


@given(st.integers(1, 10_000))
def test_it_waits_longer_but_never_long_and_not_everybody_the_same(failures: int) -> None:
    assert 0.05 < delay(failures) < 3
    assert delay(failures) <= 2 * delay(failures + 5)
    assert len({delay(failures) for _ in range(20)}) > 1
