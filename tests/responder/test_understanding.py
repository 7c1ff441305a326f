"""What texts are about: pure, so tables and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Category
from responder.practice import example
from responder.understanding import classify, says_yes
from responder.words import words

PRACTICE = example()
GUIDE = {
    Category.APPOINTMENT: ("appointment", "schedule", "book", "available", "availability"),
    Category.EMERGENCY: ("emergency", "urgent", "pain", "bleeding", "swelling"),
    Category.HOURS: ("hours", "open", "closed", "time", "when"),
    Category.LOCATION: ("location", "address", "where", "directions"),
    Category.INSURANCE: ("insurance", "coverage", "accept", "plan"),
}


def category(text: str) -> Category:
    return classify(text, PRACTICE).category


@pytest.mark.parametrize(("expected", "keyword"), [(name, word) for name, words_ in GUIDE.items() for word in words_])
def test_every_keyword_of_the_guide_is_understood(expected: Category, keyword: str) -> None:
    assert classify(f"... {keyword.upper()}?", PRACTICE).by == f"keyword:{keyword}"
    assert category(f"... {keyword.upper()}?") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is booking possible?", Category.APPOINTMENT),
        ("two appointments please", Category.APPOINTMENT),
        ("can we schedule", Category.APPOINTMENT),
        ("scheduling question", Category.APPOINTMENT),
        ("what availabilities do you have", Category.APPOINTMENT),
        ("do you close for lunch", Category.HOURS),
        ("are you opening on Labor Day", Category.HOURS),
        ("when's lunch", Category.HOURS),
        ("Where’s the office", Category.LOCATION),
        ("which plans", Category.INSURANCE),
        ("ACCEPTED?", Category.INSURANCE),
        ("two emergencies", Category.EMERGENCY),
        ("it is very painful", Category.EMERGENCY),
        ("my gum bleeds", Category.EMERGENCY),
        ("URGÉNT", Category.EMERGENCY),
        ("when can I get an appointment", Category.APPOINTMENT),
        ("where are you and when are you open", Category.HOURS),
        ("appointment to fix the swelling, what time?", Category.EMERGENCY),
    ],
)
def test_inflections_accents_and_several_topics(text: str, expected: Category) -> None:
    assert category(text) is expected


@pytest.mark.parametrize("text", ["", "   ", "\x00", "Thank you!!", "I painted a facebook banner", "Campaign", "👍"])
def test_parts_of_words_and_other_texts_get_the_default(text: str) -> None:
    understood = classify(text, PRACTICE)
    assert (understood.category, understood.by) == (Category.NONE, "default")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(word, Category.OPT_OUT) for word in ("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT")],
        *[(word, Category.OPT_OUT) for word in ("REVOKE", "OPTOUT", "OPT-OUT", ' "stop". ', "Stop!!", "«stop»")],
        *[(word, Category.OPT_IN) for word in ("START", "unstop", "Start.")],
        *[(word, Category.HELP) for word in ("HELP", "info", "help?")],
        ("Stop by tomorrow", Category.NONE),
        ("CANCEL my 3pm", Category.NONE),
        ("HELP my son is bleeding", Category.EMERGENCY),
        ("Yes", Category.NONE),
    ],
)
def test_carrier_words_count_as_whole_messages_only(text: str, expected: Category) -> None:
    assert category(text) is expected


def test_twilios_own_word_wins() -> None:
    understood = classify("arret", PRACTICE, opt_out_type="STOP")
    assert (understood.category, understood.by) == (Category.OPT_OUT, "provider:STOP")
    assert classify("hours", PRACTICE, opt_out_type="NEWS").category is Category.HOURS


def test_yes_is_recognised_alone() -> None:
    assert says_yes(" Yes! ")
    assert not says_yes("yes please")


def test_several_words_are_found_where_they_stand_together() -> None:
    keywords = PRACTICE.keywords.model_copy(update={"emergency": ("dry socket",)})
    practice = PRACTICE.model_copy(update={"keywords": keywords})
    assert classify("two dry sockets", practice).category is Category.EMERGENCY
    assert classify("dry the socket", practice).category is Category.NONE


def test_two_topics_make_it_less_sure() -> None:
    assert classify("where and when", PRACTICE).confidence < classify("where", PRACTICE).confidence


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert 0 <= classify(text, PRACTICE, opt_out_type=text).confidence <= 1


@given(st.text(), st.sampled_from(GUIDE[Category.EMERGENCY]), st.text())
def test_an_emergency_word_anywhere_wins(before: str, word: str, after: str) -> None:
    understood = classify(f"{before} {word} {after}", PRACTICE)
    assert understood.category is Category.EMERGENCY


@given(st.text())
def test_capitals_do_not_matter(text: str) -> None:
    if words(text.upper()) == words(text):  # a few scripts do not survive the way to capitals and back
        assert classify(text.upper(), PRACTICE) == classify(text, PRACTICE)
