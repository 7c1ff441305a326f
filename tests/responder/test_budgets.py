"""Cooldowns and budgets: no sequence of texts, repeats and crashes gets a number more than it may get."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.bus import Bus
from contracts.sms import SuppressionReason
from contracts.topology import BUDGETS
from contracts.values import Category
from responder.practice.people import Budgets
from responder.silence.budgets import (
    EMERGENCIES_PER_DAY,
    EMERGENCIES_PER_HOUR,
    EMERGENCY_COOLDOWN,
    SAME_WORDS_ANSWERED,
    History,
    Wish,
    cooldown,
    why_not,
)
from responder.silence.quotas import Quotas
from responder.store import Store
from support.events import NOON

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FEW = Budgets(per_sender_per_hour=3, per_sender_per_day=5, overall_per_day=7)
TODAY = date(2026, 9, 7)
PATIENT, OTHER = "+12125550123", "+12125550124"


def wish(number: int, category: Category = Category.HOURS, asked: str | None = None) -> Wish:
    words = {"asked": asked or f"question {chr(97 + number % 26) * (number + 1)}", "said": f"answer {category}"}
    return Wish(UUID(int=number), category, **words)


def answered(*wishes: tuple[Wish, timedelta]) -> History:
    history = History()
    for one, after in wishes:
        history = history.with_answer(one.at(NOON + after))
    return history


WISHES = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(Category), st.integers(0, 120)), min_size=1, max_size=60
)


@given(WISHES)
def test_no_sequence_of_texts_gets_more_than_the_budgets(steps: list[tuple[int, Category, int]]) -> None:
    history, now, given_out = History(), NOON, []
    for number, category, minutes in steps:
        now += minutes * MINUTE
        one = wish(number, category)
        known = history.knows(one.event_id)
        if why_not(history, one, FEW, now) is None and not known:
            history = history.with_answer(one.at(now))
            given_out.append((now, category))
    for at, category in given_out:
        urgent = category is Category.EMERGENCY
        alike = [other for other, kind in given_out if (kind is Category.EMERGENCY) == urgent and other <= at]
        hour, day = sum(at - other < HOUR for other in alike), sum(at - other < DAY for other in alike)
        most = (EMERGENCIES_PER_HOUR, EMERGENCIES_PER_DAY) if urgent else (3, 5)
        assert hour <= most[0]
        assert day <= most[1]
        if category not in {Category.OPT_OUT, Category.OPT_IN, Category.HELP}:
            same = [other for other, kind in given_out if kind is category and other < at]
            assert all(at - other >= cooldown(FEW, category) for other in same)


@given(WISHES)
def test_asking_again_for_what_was_answered_changes_nothing(steps: list[tuple[int, Category, int]]) -> None:
    history, now = History(), NOON
    for number, category, _ in steps:
        one = wish(number, category)
        if why_not(history, one, FEW, now) is None:
            after = history if history.knows(one.event_id) else history.with_answer(one.at(now))
            assert why_not(after, one, FEW, now) is None
            history = after


def test_the_same_category_is_not_repeated_within_its_cooldown() -> None:
    history = answered((wish(1), timedelta(0)))
    assert why_not(history, wish(2), FEW, NOON + 59 * MINUTE) is SuppressionReason.COOLDOWN
    assert why_not(history, wish(2), FEW, NOON + 60 * MINUTE) is None
    assert why_not(history, wish(2, Category.LOCATION), FEW, NOON + MINUTE) is None


def test_an_emergency_is_answered_again_after_some_minutes_and_the_practice_may_say_when() -> None:
    history = answered((wish(1, Category.EMERGENCY), timedelta(0)))
    again = wish(2, Category.EMERGENCY)
    assert why_not(history, again, FEW, NOON + EMERGENCY_COOLDOWN - MINUTE) is SuppressionReason.COOLDOWN
    assert why_not(history, again, FEW, NOON + EMERGENCY_COOLDOWN) is None
    own = FEW.model_copy(update={"cooldown_minutes_of": {Category.EMERGENCY: 2}})
    assert why_not(history, again, own, NOON + 2 * MINUTE) is None


def test_who_used_up_the_budget_still_gets_the_answer_in_an_emergency() -> None:
    kinds = (Category.HOURS, Category.LOCATION, Category.INSURANCE)
    history = answered(*((wish(number, kind), timedelta(0)) for number, kind in enumerate(kinds)))
    assert why_not(history, wish(9, Category.APPOINTMENT), FEW, NOON + MINUTE) is SuppressionReason.SENDER_BUDGET
    assert why_not(history, wish(9, Category.EMERGENCY), FEW, NOON + MINUTE) is None


def test_stop_start_and_help_are_answered_each_time_within_the_budget() -> None:
    history = answered((wish(1, Category.HELP), timedelta(0)), (wish(2, Category.OPT_OUT), timedelta(0)))
    assert why_not(history, wish(3, Category.HELP), FEW, NOON + MINUTE) is None
    history = history.with_answer(wish(3, Category.HELP).at(NOON))
    assert why_not(history, wish(4, Category.OPT_OUT), FEW, NOON + MINUTE) is SuppressionReason.SENDER_BUDGET


def test_who_sends_the_same_words_over_and_over_or_ours_back_is_a_machine() -> None:
    same = [(wish(number, asked="Ticket 12: closed"), number * 2 * HOUR) for number in range(SAME_WORDS_ANSWERED)]
    third = wish(9, asked="ticket 977 - CLOSED!")
    assert why_not(answered(*same), third, FEW, NOON + 5 * HOUR) is SuppressionReason.AUTO_REPLY
    echo = wish(9, Category.NONE, asked=f"answer {Category.HOURS}")
    assert why_not(answered((wish(1), timedelta(0))), echo, FEW, NOON + MINUTE) is SuppressionReason.AUTO_REPLY
    urgent = Wish(UUID(int=9), Category.EMERGENCY, asked="Ticket 12: closed", said="call 911")
    assert why_not(answered(*same), urgent, FEW, NOON + 5 * HOUR) is None


def test_yesterday_does_not_count() -> None:
    history = answered(*((wish(number, kind), timedelta(0)) for number, kind in enumerate(list(Category)[:5])))
    assert why_not(history, wish(9), FEW, NOON + MINUTE) is not None
    assert why_not(history, wish(9), FEW, NOON + DAY) is None


@pytest.fixture
def quotas(operator: Bus) -> Quotas:
    return Quotas(Store(operator, BUDGETS), FEW)


async def test_a_repeat_counts_once_and_what_was_not_sent_is_given_back(quotas: Quotas) -> None:
    for _ in range(9):
        assert await quotas.take(PATIENT, wish(1), day=TODAY, now=NOON) is None
    assert await quotas.take(PATIENT, wish(2), day=TODAY, now=NOON) is SuppressionReason.COOLDOWN
    for _ in range(2):
        await quotas.release(PATIENT, wish(1).event_id, day=TODAY)
    assert await quotas.take(PATIENT, wish(2), day=TODAY, now=NOON) is None


async def test_all_together_get_so_many_a_day_but_for_emergencies(quotas: Quotas) -> None:
    numbers = [f"+1212555{number:04}" for number in range(9)]
    taken = [
        await quotas.take(number, wish(at), day=TODAY, now=NOON + at * MINUTE) for at, number in enumerate(numbers)
    ]
    assert taken == [None] * 7 + [SuppressionReason.DAILY_CAP] * 2
    assert await quotas.take(numbers[0], wish(0), day=TODAY, now=NOON) is None
    assert await quotas.take(OTHER, wish(20, Category.EMERGENCY), day=TODAY, now=NOON) is None
    assert await quotas.take(OTHER, wish(21), day=TODAY + DAY, now=NOON) is None
    await quotas.release(numbers[0], wish(0).event_id, day=TODAY)
    assert await quotas.take(numbers[8], wish(8), day=TODAY, now=NOON) is None


async def test_replicas_at_the_same_moment_give_out_no_more_than_there_is(quotas: Quotas, operator: Bus) -> None:
    replicas = [quotas, Quotas(Store(operator, BUDGETS), FEW)]
    numbers = [f"+1212555{number:04}" for number in range(12)]
    taken = await asyncio.gather(
        *(
            replica.take(number, wish(at), day=TODAY, now=NOON)
            for at, number in enumerate(numbers)
            for replica in replicas
        )
    )
    given = {at for at in range(12) if None in taken[2 * at : 2 * at + 2]}
    assert len(given) == FEW.overall_per_day


async def test_a_number_at_two_replicas_at_the_same_moment_gets_one_answer_of_a_kind(
    quotas: Quotas, operator: Bus
) -> None:
    other = Quotas(Store(operator, BUDGETS), FEW)
    asked = [quotas.take(PATIENT, wish(1), day=TODAY, now=NOON), other.take(PATIENT, wish(2), day=TODAY, now=NOON)]
    assert sorted(map(str, await asyncio.gather(*asked))) == ["None", "cooldown"]
