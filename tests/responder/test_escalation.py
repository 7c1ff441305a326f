"""Whom to tell of an alert next, and how often; and that the practice's own words for it can be sent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.alerts.escalation import Acknowledgement, Alert, Ending, Escalation, Over, Tell, Wait, next_move
from responder.alerts.pages import HOUR, Page, Pages, Words
from responder.practice.errors import PracticeError
from responder.practice.people import OnCall, Person
from support.desk import practice_with
from support.responder import PATIENT, TWILIO_NUMBER

RAISED = datetime(2026, 11, 17, 20, 14, tzinfo=UTC)
ALERT = Alert(
    id=UUID(int=1),
    kind="emergency_text",
    provider="twilio",
    origin="SM1",
    patient=PATIENT,
    to_number=TWILIO_NUMBER,
    at=RAISED,
)
PEOPLE = tuple(Person(name=f"Person {number}", number=f"646-555-01{number:02}") for number in range(4))
ON_CALL = OnCall(people=PEOPLE, escalate_after_minutes=5, rounds=2)


def people(chosen: list[int]) -> tuple[Person, ...]:
    return tuple(PEOPLE[number] for number in chosen)


ENDINGS = st.lists(st.sampled_from(Ending), min_size=50, max_size=50)
SHIFTS = st.lists(st.lists(st.sampled_from(range(4)), min_size=1, unique=True).map(sorted), min_size=50, max_size=50)


@settings(deadline=None)
@given(SHIFTS, ENDINGS)
def test_every_escalation_ends_whoever_is_on_duty_and_whatever_becomes_of_the_texts(
    shifts: list[list[int]], endings: list[Ending]
) -> None:
    escalation, now = Escalation(alert=ALERT), RAISED
    for shift, ending in zip(shifts, endings, strict=True):
        on_duty = people(shift)
        match next_move(escalation, ON_CALL, on_duty, now):
            case Tell(person):
                assert person in on_duty
                latest = escalation.steps[-1] if escalation.steps else None
                assert latest is None or latest.ending is Ending.PASSED or now - latest.at >= ON_CALL.escalate_after
                escalation = escalation.begun(person, now)
                escalation = escalation.ended(escalation.steps[-1], ending)
            case Wait(until):
                assert now < until <= now + ON_CALL.escalate_after
                now = until
            case Over():
                pass
    for person in PEOPLE:
        steps = [step for step in escalation.steps if step.number == person.e164]
        assert len(steps) <= ON_CALL.rounds
        assert [step.ordinal for step in steps] == list(range(1, len(steps) + 1))
        assert Ending.PASSED not in [step.ending for step in steps[:-1]], "who cannot be texted is left out"


def test_at_the_change_of_shifts_those_who_are_on_duty_then_are_told() -> None:
    first, second, third, _ = PEOPLE
    escalation = Escalation(alert=ALERT).begun(first, RAISED)
    escalation = escalation.ended(escalation.steps[-1], Ending.TOLD)
    later = RAISED + timedelta(minutes=5)
    assert next_move(escalation, ON_CALL, (first, second), later) == Tell(second)
    assert next_move(escalation, ON_CALL, (third,), later) == Tell(third)


def test_a_step_whose_ending_is_not_known_holds_up_only_its_own_person() -> None:
    first, second, *_ = PEOPLE
    escalation = Escalation(alert=ALERT).begun(first, RAISED)
    assert isinstance(next_move(escalation, ON_CALL, (first, second), RAISED), Wait)
    later = RAISED + timedelta(minutes=5)
    assert next_move(escalation, ON_CALL, (first, second), later) == Tell(second)
    assert isinstance(next_move(escalation, ON_CALL, (first,), later), Over)


def test_a_taken_alert_is_over() -> None:
    by = Acknowledgement(number=PEOPLE[0].e164, event_id=uuid4(), at=RAISED)
    assert next_move(Escalation(alert=ALERT, taken=by), ON_CALL, PEOPLE, RAISED) == Over("taken")
    assert next_move(Escalation(alert=ALERT), OnCall(), (), RAISED) == Over("nobody could be told")


@settings(deadline=None)
@given(st.lists(st.integers(0, 180), max_size=60), st.integers(1, 10))
def test_nobody_gets_more_texts_in_an_hour_than_the_practice_allows_and_one(minutes: list[int], per_hour: int) -> None:
    pages = Pages()
    for number, minute in enumerate(sorted(minutes)):
        now = RAISED + timedelta(minutes=minute)
        words = pages.words(now, per_hour)
        if words is not None:
            pages = pages.with_page(Page(alert=UUID(int=number), ordinal=1, at=now, words=words))
    for page in pages.pages:
        hour = [other for other in pages.pages if timedelta(0) <= page.at - other.at < HOUR]
        assert len(hour) <= per_hour + 1
        assert sum(other.words is Words.MORE for other in hour) <= 1


def test_a_practice_writes_its_own_words_for_some_of_the_texts() -> None:
    own = practice_with('[on_call.texts.en]\nalert = "Call {patient} ({by}, {time}), then reply ACK"')
    assert own.alert_texts.alert.startswith("Call {patient}")
    assert own.alert_texts.confirmation == practice_with("").alert_texts.confirmation


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('alert = "Look at the page. ACK"', "must name {patient}"),
        ('alert = "Call {patient}!"', "and ACK"),
        ('alert = "Call {patient}, {diagnosis}! ACK"', "{diagnosis} is no field"),
        (f'more = "{"x" * 161}"', "161 characters"),
        ('by_text = "a text message that came in"', "at most 16 characters"),
    ],
)
def test_words_that_could_not_be_sent_or_answered_stop_the_start(written: str, problem: str) -> None:
    with pytest.raises(PracticeError, match=problem.replace("{", r"\{")):
        practice_with(f"[on_call.texts.en]\n{written}")
