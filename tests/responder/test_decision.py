"""Reply or silence: every rule, and what no combination may lead to."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.consent import ConsentSource, ConsentState
from contracts.sms import SmsReceived, SuppressionReason
from contracts.values import Category
from responder.consent.ledger import Standing, Word
from responder.decision import TOO_OLD, Decision, House, Reply, Silence, decide
from responder.numbers import WITHHELD
from responder.practice.loading import example
from responder.replies.choosing import reply
from responder.sending.messages import Route
from responder.understanding import Understanding
from support.events import NOON, text

OUR_NUMBER = "+12125550150"
PRACTICE = example()
HOUSE = House(PRACTICE, PRACTICE.own_numbers() | {OUR_NUMBER}, frozenset({"twilio", "voipms"}), fallbacks={})
COMMANDS = {"stop": Category.OPT_OUT, "start": Category.OPT_IN, "help": Category.HELP}
MEANT = {
    "pain": Category.EMERGENCY,
    "stop texting": Category.OPT_OUT,
    "hours": Category.HOURS,
    "book": Category.APPOINTMENT,
}
NOTHING = Standing(None, 0)
OUT = Standing(Word(state=ConsentState.OPTED_OUT, said_at=NOON - timedelta(days=9), event_id=UUID(int=1)), 7)
IN = Standing(Word(state=ConsentState.OPTED_IN, said_at=NOON - timedelta(days=9), event_id=UUID(int=1)), 7)


def decided(
    message: str,
    standing: Standing = NOTHING,
    *,
    house: House = HOUSE,
    late: timedelta = timedelta(0),
    **changes: Any,
) -> Decision:
    event = text(message, **{"provider": "voipms", "to": OUR_NUMBER} | changes)
    return decide(event, understood(event), standing, house, NOON + late)


def understood(event: SmsReceived) -> Understanding:
    """What a reader who knows only these texts makes of them."""
    words = event.data.message.lower().strip(".!")
    if words in COMMANDS:
        return Understanding(COMMANDS[words], 1.0, f"command:{words}")
    for word, category in MEANT.items():
        if word in words:
            return Understanding(category, 0.9, "model:test")
    return Understanding(Category.NONE, 0.5, "default")


def silence(decision: Decision) -> SuppressionReason:
    assert isinstance(decision.answer, Silence), decision
    return decision.answer.reason


def said(decision: Decision) -> str:
    assert isinstance(decision.answer, Reply), decision
    return decision.answer.text


@pytest.mark.parametrize("message", ["hours?", "book", "pain", "thanks", "help"])
def test_a_text_gets_the_reply_of_its_category(message: str) -> None:
    decision = decided(message)
    assert said(decision) == reply(PRACTICE, decision.category, "en", NOON).text
    assert decision.consent is None


@pytest.mark.parametrize("message", ["hours?", "pain", "thanks", "help"])
def test_who_opted_out_gets_nothing_and_staff_still_hear_of_emergencies(message: str) -> None:
    decision = decided(message, OUT)
    assert silence(decision) is SuppressionReason.OPTED_OUT
    assert decision.alert == (message == "pain")


@pytest.mark.parametrize(
    ("message", "standing", "category", "changed"),
    [
        ("STOP", NOTHING, Category.OPT_OUT, True),
        ("STOP", IN, Category.OPT_OUT, True),
        ("STOP", OUT, Category.OPT_OUT, False),
        ("START", NOTHING, Category.OPT_IN, False),
        ("START", IN, Category.OPT_IN, False),
        ("START", OUT, Category.OPT_IN, True),
        ("YES", OUT, Category.OPT_IN, True),
    ],
)
def test_a_change_of_consent_is_confirmed_and_nothing_else_is(
    message: str, standing: Standing, category: Category, changed: bool
) -> None:
    decision = decided(message, standing)
    assert decision.category is category
    assert decision.consent is not None
    assert decision.consent.changed == changed
    if changed:
        assert said(decision) == reply(PRACTICE, category, "en", NOON).text
    else:
        assert silence(decision) is SuppressionReason.ALREADY_CONFIRMED


@pytest.mark.parametrize("standing", [NOTHING, IN])
def test_yes_of_somebody_who_is_not_opted_out_is_an_ordinary_text(standing: Standing) -> None:
    decision = decided("YES", standing)
    assert (decision.category, decision.consent) == (Category.NONE, None)


@pytest.mark.parametrize("message", ["STOP", "START", "YES", "HELP"])
def test_twilio_answers_carrier_words_itself_and_consent_is_kept_all_the_same(message: str) -> None:
    decision = decided(message, OUT, provider="twilio")
    assert silence(decision) is SuppressionReason.PROVIDER_ANSWERS
    assert (decision.consent is None) == (message == "HELP")


def test_an_older_word_than_the_one_that_stands_changes_nothing() -> None:
    newer = Standing(Word(state=ConsentState.OPTED_IN, said_at=NOON + timedelta(hours=1), event_id=UUID(int=1)), 7)
    decision = decided("STOP", newer)
    assert decision.consent is None
    assert silence(decision) is SuppressionReason.ALREADY_CONFIRMED


def test_a_word_from_the_future_does_not_outlive_the_next_one() -> None:
    stop = decided("STOP", late=-timedelta(hours=5))
    assert stop.consent is not None
    start = decided("START", Standing(stop.consent, 7), sid="SM2", at=NOON - timedelta(hours=4))
    assert start.category is Category.OPT_IN
    assert start.consent is not None
    assert start.consent.changed


@pytest.mark.parametrize("sender", [*sorted(WITHHELD), "72345", "anonymous", "DENTIST", "client:julie", "5550123"])
def test_who_cannot_read_a_text_gets_none(sender: str) -> None:
    decision = decided("STOP", sender=sender)
    assert silence(decision) is SuppressionReason.NOT_A_PHONE
    assert decision.consent is None


@pytest.mark.parametrize("sender", [OUR_NUMBER, "+12125550100", "+16465550188"])
def test_our_own_numbers_get_nothing_and_raise_no_alert(sender: str) -> None:
    decision = decided("pain", sender=sender, to="+12125550170")
    assert silence(decision) is SuppressionReason.OWN_NUMBER
    assert not decision.alert


def test_a_number_that_texts_itself_is_ours() -> None:
    assert silence(decided("hours", sender="+12125550171", to="+12125550171")) is SuppressionReason.OWN_NUMBER


def test_age_decides_to_the_second() -> None:
    assert isinstance(decided("hours", late=TOO_OLD).answer, Reply)
    late = decided("pain", late=TOO_OLD + timedelta(seconds=1))
    assert silence(late) is SuppressionReason.TOO_OLD
    assert late.alert


def test_a_providers_clock_makes_no_text_old() -> None:
    decision = decided("hours", at=NOON - timedelta(days=400), recorded=NOON)
    assert isinstance(decision.answer, Reply)


def test_a_providers_slow_clock_does_not_weaken_stop() -> None:
    opted_in = Standing(Word(state=ConsentState.OPTED_IN, said_at=NOON - timedelta(hours=1), event_id=UUID(int=7)), 1)
    decision = decided("STOP", opted_in, at=NOON - timedelta(hours=3), recorded=NOON)
    assert decision.consent is not None
    assert decision.consent.state is ConsentState.OPTED_OUT
    opted_out = Standing(Word(state=ConsentState.OPTED_OUT, said_at=NOON - timedelta(hours=1), event_id=UUID(int=7)), 1)
    assert decided("START", opted_out, at=NOON - timedelta(hours=3), recorded=NOON).consent is None


def test_an_old_stop_is_obeyed_without_a_word() -> None:
    decision = decided("STOP", late=timedelta(days=2))
    assert silence(decision) is SuppressionReason.TOO_OLD
    assert decision.consent is not None
    assert decision.consent.state is ConsentState.OPTED_OUT


def test_without_a_sender_for_the_provider_nothing_is_sent_and_alerts_are_raised() -> None:
    decision = decided("pain", house=House(PRACTICE, frozenset(), frozenset({"twilio"}), fallbacks={}))
    assert silence(decision) is SuppressionReason.NO_SENDER
    assert decision.alert


MESSAGES = st.one_of(
    st.text(), st.sampled_from(["STOP", "START", "YES", "HELP", "pain", "hours", "stop the pain", "stop texting me"])
)
STANDINGS = st.sampled_from([NOTHING, IN, OUT])


@given(MESSAGES, STANDINGS, st.sampled_from(["twilio", "voipms"]), st.text(min_size=1, max_size=20))
def test_no_text_makes_it_fail_and_nobody_who_opted_out_is_texted_but_to_confirm(
    message: str, standing: Standing, provider: str, sender: str
) -> None:
    for number in (sender, "+12125550123"):
        decision = decided(message, standing, provider=provider, sender=number)
        if standing is OUT and isinstance(decision.answer, Reply):
            assert decision.category is Category.OPT_IN


@given(MESSAGES, STANDINGS, st.sampled_from(["twilio", "voipms"]))
def test_deciding_again_after_the_ledger_was_written_decides_the_same(
    message: str, standing: Standing, provider: str
) -> None:
    first = decided(message, standing, provider=provider)
    written = Standing(first.consent, 8) if first.consent else standing
    assert decided(message, written, provider=provider) == first


@given(st.text(), STANDINGS)
def test_every_emergency_of_a_patient_alerts_staff(before: str, standing: Standing) -> None:
    assert decided(f"{before} pain", standing).alert


@pytest.mark.parametrize(
    "message",
    [
        "Automatic reply: I am out of the office. For hours see our page.",
        "I'm driving right now and can't text. I'll get back to you.",
        "Your verification code is 482913.",
        "Your message could not be delivered: hours",
    ],
)
def test_machines_get_no_answer(message: str) -> None:
    assert silence(decided(message)) is SuppressionReason.AUTO_REPLY


def test_a_machine_that_writes_of_an_emergency_gets_no_answer_and_staff_look_all_the_same() -> None:
    decision = decided("Automatic reply: out of office. I am in pain, contact my assistant.")
    assert silence(decision) is SuppressionReason.AUTO_REPLY
    assert decision.alert


def test_a_thumb_on_our_own_words_about_emergencies_is_no_emergency() -> None:
    decision = decided("Liked \u201cin pain call 911 now\u201d")
    assert silence(decision) is SuppressionReason.AUTO_REPLY
    assert not decision.alert


@pytest.mark.parametrize(
    ("message", "provider", "source"),
    [
        ("STOP", "voipms", ConsentSource.WORD),
        ("please stop texting me", "voipms", ConsentSource.SENTENCE),
        ("please stop texting me", "twilio", ConsentSource.SENTENCE),
    ],
)
def test_it_is_kept_how_somebody_opted_out(message: str, provider: str, source: ConsentSource) -> None:
    decision = decided(message, provider=provider)
    assert decision.consent is not None
    assert decision.consent.source is source


def test_what_the_provider_understood_is_told_as_such() -> None:
    event = text("no mas", provider="twilio", to=OUR_NUMBER, opt_out_type="STOP")
    decision = decide(event, Understanding(Category.OPT_OUT, 1.0, "provider:STOP"), NOTHING, HOUSE, NOON)
    assert silence(decision) is SuppressionReason.PROVIDER_ANSWERS
    assert decision.consent is not None
    assert decision.consent.source is ConsentSource.PROVIDER


def test_an_opt_out_in_a_sentence_is_confirmed_by_us_where_the_provider_hears_words_only() -> None:
    decision = decided("please stop texting me", provider="twilio")
    assert said(decision) == reply(PRACTICE, Category.OPT_OUT, "en", NOON).text


def test_a_reply_leaves_from_the_number_that_was_texted_and_else_from_the_others() -> None:
    fallbacks = {"twilio": "+12125550151", "voipms": "+12125550152"}
    house = House(PRACTICE, frozenset(), frozenset({"twilio", "voipms"}), fallbacks)
    answer = decided("hours", house=house).answer
    assert isinstance(answer, Reply)
    assert answer.routes == (
        Route(provider="voipms", sender=OUR_NUMBER),
        Route(provider="twilio", sender="+12125550151"),
    )
