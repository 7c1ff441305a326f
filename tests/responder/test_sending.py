"""The outbox' pure decisions: what absence proves, what follows a refusal, and how fast texts leave."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.failures import Unavailable
from contracts.sms import SuppressionReason
from responder.senders import codes, port
from responder.senders.port import Listed, Meaning
from responder.sending.claims import NotSent, Sending
from responder.sending.doubt import ASKING_ENDS, CLOCKS_DIFFER, Verdict, ask_again_in, candidates, same_words, verdict
from responder.sending.messages import Outgoing, Route, Withheld
from responder.sending.pace import BURST, PATIENCE_SECONDS, Pace
from responder.sending.retrying import SEND_ATTEMPTS, after_doubt, after_refusal, pause_before, waits
from support.events import NOON

TWILIO, VOIPMS = (
    Route(provider="twilio", sender="+12125550150"),
    Route(provider="voipms", sender="+12125550160"),
)
SECONDS = st.integers(0, 4000).map(lambda seconds: timedelta(seconds=seconds))


def sending(*routes: Route, route: int = 0, attempt: int = 1) -> Sending:
    outgoing = Outgoing(routes=routes or (TWILIO, VOIPMS), recipient="+12125550123", text="hello")
    return Sending(outgoing=outgoing, route=route, attempt=attempt, since=NOON)


@given(st.booleans(), SECONDS, SECONDS)
def test_only_an_absence_that_can_be_trusted_and_lasts_proves_that_nothing_was_sent(
    provable: bool, age: timedelta, lists_within: timedelta
) -> None:
    said = verdict(provable=provable, age=age, lists_within=lists_within)
    assert (said is Verdict.NOT_SENT) == (provable and age >= lists_within)
    if said is Verdict.UNKNOWN:
        assert age >= ASKING_ENDS
    if age < min(lists_within, ASKING_ENDS):
        assert said is Verdict.ASK_LATER


@given(SECONDS, SECONDS)
def test_the_next_question_comes_soon_and_not_after_absence_becomes_a_proof(
    age: timedelta, lists_within: timedelta
) -> None:
    pause = ask_again_in(age, lists_within)
    assert timedelta(seconds=1) <= pause <= timedelta(minutes=1)
    if age < lists_within:
        assert age + pause <= lists_within + timedelta(seconds=1)


def test_a_text_that_the_provider_took_before_the_claim_is_no_candidate() -> None:
    early, late, undated = (
        Listed("1", "sent", "hello", NOON - CLOCKS_DIFFER - timedelta(seconds=1)),
        Listed("2", "sent", "hello", NOON - timedelta(seconds=1)),
        Listed("3", "sent", "hello", None),
    )
    assert candidates((early, late, undated), NOON) == (late, undated)


@pytest.mark.parametrize(
    ("listed", "same"),
    [
        ("Hours: 8-5", True),
        (" Hours:  8-5 ", True),
        ("Sent from your Twilio trial account - Hours: 8-5", True),
        ("Hours: 8", False),
        ("", False),
    ],
)
def test_words_are_the_same_whatever_a_provider_puts_around_them(listed: str, same: bool) -> None:
    assert same_words(Listed("1", "sent", listed, None), "Hours: 8-5") == same


def test_a_busy_provider_is_tried_again_with_growing_pauses_and_then_the_other_one() -> None:
    pauses, claim = [], NotSent(attempts=0, code="")
    while claim.route == 0:
        tried = sending(attempt=claim.attempts + 1)
        following = after_refusal(tried, port.NotSent("20429", Meaning.BUSY))
        assert isinstance(following, NotSent)
        if following.route == 0:
            assert waits(following, tried)
            pauses.append(pause_before(following))
        else:
            assert not waits(following, tried)
        claim = following
    assert pauses == [2, 4, 8, 16, 32]
    assert (claim.route, claim.attempts) == (1, 0)


def test_when_no_provider_can_be_reached_it_begins_again_later_and_counts_nothing() -> None:
    tried = sending(route=1)
    following = after_refusal(tried, port.NotSent("ConnectError", Meaning.UNREACHABLE))
    assert following == NotSent(route=0, attempts=0, code="ConnectError")
    assert waits(following, tried)
    assert pause_before(following) is None


@pytest.mark.parametrize("meaning", Meaning)
def test_a_refusal_ends_by_another_way_or_with_its_code(meaning: Meaning) -> None:
    last = after_refusal(sending(TWILIO, attempt=SEND_ATTEMPTS), port.NotSent("1", meaning))
    if meaning in {Meaning.UNREACHABLE, Meaning.MISCONFIGURED}:
        assert isinstance(last, NotSent)
        return
    assert isinstance(last, Withheld)
    opted_out = meaning is Meaning.OPTED_OUT
    assert last.reason is (SuppressionReason.OPTED_OUT if opted_out else SuppressionReason.REJECTED)
    assert (last.code, last.route) == ("1", TWILIO)


def test_a_text_that_was_lost_is_sent_again_so_many_times() -> None:
    assert after_doubt(sending()) == NotSent(route=0, attempts=1, code="interrupted")
    assert after_doubt(sending(attempt=SEND_ATTEMPTS)) == NotSent(route=1, attempts=0, code="interrupted")
    end = after_doubt(sending(TWILIO, attempt=SEND_ATTEMPTS))
    assert isinstance(end, Withheld)
    assert end.reason is SuppressionReason.REJECTED


def test_every_code_of_the_tables_says_what_it_means() -> None:
    assert {codes.TWILIO["21610"], codes.TWILIO_REPORTS["21610"]} == {Meaning.OPTED_OUT}
    assert codes.TWILIO_MAYBE_SENT.isdisjoint(codes.TWILIO)
    for table in (codes.TWILIO, codes.TWILIO_REPORTS, codes.VOIPMS):
        assert all(isinstance(meaning, Meaning) for meaning in table.values())


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_texts_leave_a_number_at_its_pace_after_a_short_burst() -> None:
    pace = Pace({"twilio": 2.0}, Clock())
    waits = [pace.reserve(TWILIO) for _ in range(BURST + 3)]
    assert waits == [0.0] * BURST + [0.5, 1.0, 1.5]
    assert pace.reserve(VOIPMS) == 0.0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_second_sees_more_than_the_burst_and_the_pace(pauses: list[float]) -> None:
    clock, leaving = Clock(), []
    pace = Pace({"twilio": 1.0}, clock)
    for pause in pauses:
        clock.now += pause
        with suppress(Unavailable):
            wait = pace.reserve(TWILIO)
            assert wait <= PATIENCE_SECONDS
            leaving.append(clock.now + wait)
    for start in leaving:
        assert sum(start <= at < start + 10 for at in leaving) <= 10 + BURST


def test_a_number_that_is_to_be_left_alone_waits_and_what_would_wait_too_long_goes_back() -> None:
    clock = Clock()
    pace = Pace({"twilio": 1.0}, clock)
    pace.hold(TWILIO, 3)
    assert pace.reserve(TWILIO) == 3
    pace.hold(TWILIO, 60)
    with pytest.raises(Unavailable) as raised:
        pace.reserve(TWILIO)
    assert raised.value.after == 60
    clock.now = 61
    assert pace.reserve(TWILIO) == 0


def test_times_without_a_zone_cannot_get_into_a_claim() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Sending(outgoing=sending().outgoing, since=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))
