"""The consent ledger's join: any order and any repeats leave the same state."""

from datetime import timedelta
from functools import reduce
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.consent import ConsentState
from responder.consent.ledger import Word, merge
from support.events import NOON

WORDS = st.builds(
    lambda state, minute, number: Word(
        state=state, said_at=NOON + timedelta(minutes=minute), event_id=UUID(int=number)
    ),
    st.sampled_from(ConsentState),
    st.integers(0, 5),
    st.integers(0, 2**32),
)


def final(words: list[Word]) -> tuple[object, ...]:
    word = reduce(merge, words[1:], merge(None, words[0]))
    return word.state, word.said_at, word.event_id


@given(
    st.lists(WORDS, min_size=1, unique_by=lambda word: word.event_id).flatmap(
        lambda words: st.tuples(st.just(words), st.permutations(words * 2))
    )
)
def test_order_and_repeats_do_not_matter(case: tuple[list[Word], list[Word]]) -> None:
    words, shuffled = case
    assert final(words) == final(shuffled)


@given(st.lists(WORDS, min_size=1, unique_by=lambda word: word.event_id))
def test_the_newest_word_stands_and_opting_out_wins_a_tie(words: list[Word]) -> None:
    state, said_at, _ = final(words)
    newest = max(word.said_at for word in words)
    said_then = {word.state for word in words if word.said_at == newest}
    assert said_at == newest
    assert state is (ConsentState.OPTED_OUT if ConsentState.OPTED_OUT in said_then else ConsentState.OPTED_IN)


def word(state: ConsentState, minute: int, number: int) -> Word:
    return Word(state=state, said_at=NOON + timedelta(minutes=minute), event_id=UUID(int=number))


def test_only_a_real_change_counts_as_one_and_a_repeat_remembers_it() -> None:
    start = merge(None, word(ConsentState.OPTED_IN, 0, 1))
    stop = merge(start, word(ConsentState.OPTED_OUT, 1, 2))
    again = merge(stop, word(ConsentState.OPTED_OUT, 2, 3))
    assert [start.changed, stop.changed, again.changed] == [False, True, False]
    assert merge(stop, word(ConsentState.OPTED_OUT, 1, 2)) == stop
    assert merge(None, word(ConsentState.OPTED_OUT, 1, 2)).changed
