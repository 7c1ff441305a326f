"""What texts are about: the layers one by one, from outside."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Category
from responder.practice.loading import example
from responder.practice.model import Practice
from responder.understanding import classify, says_yes

PRACTICE = example()
GUIDE = {
    Category.APPOINTMENT: ("appointment", "schedule", "book", "available", "availability"),
    Category.EMERGENCY: ("emergency", "urgent", "pain", "bleeding", "swelling"),
    Category.HOURS: ("hours", "open", "closed"),
    Category.LOCATION: ("location", "address", "where", "directions"),
    Category.INSURANCE: ("insurance", "coverage", "plan"),
}


def category(text: str) -> Category:
    return classify(text, PRACTICE).category


def with_keywords(**keywords: tuple[str, ...]) -> Practice:
    return PRACTICE.model_copy(update={"keywords": PRACTICE.keywords.model_copy(update=keywords)})


@pytest.mark.parametrize(("expected", "keyword"), [(name, word) for name, words in GUIDE.items() for word in words])
def test_a_keyword_of_the_guide_alone_is_understood(expected: Category, keyword: str) -> None:
    assert category(f"{keyword.upper()}?") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(word, Category.OPT_OUT) for word in ("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT")],
        *[
            (word, Category.OPT_OUT)
            for word in ("REVOKE", "OPTOUT", "OPT-OUT", ' "stop". ', "Stop!!", "«stop»", "🛑 stop")
        ],
        *[
            (word, Category.OPT_OUT)
            for word in ("S T O P", "stop stop", "stop please", "STOPPPP", "sotp", "𝐒𝐓𝐎𝐏", "ＳＴＯＰ")
        ],
        *[(word, Category.OPT_OUT) for word in ("PARAR", "alto", "BAJA", "pare por favor", "Cancelar", "No más")],
        *[(word, Category.OPT_IN) for word in ("START", "unstop", "Start.", "empezar", "ALTA")],
        *[(word, Category.HELP) for word in ("HELP", "info", "help?", "AYUDA", "información")],
    ],
)
def test_a_command_is_obeyed_however_it_is_written(text: str, expected: Category) -> None:
    understood = classify(text, PRACTICE)
    assert (understood.category, understood.by.partition(":")[0], understood.confidence) == (expected, "command", 1.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can I stop by tomorrow to book a cleaning?", Category.APPOINTMENT),
        ("CANCEL my 3pm", Category.APPOINTMENT),
        ("Quiero cancelar la cita del lunes", Category.APPOINTMENT),
        ("HELP my son knocked out his front tooth", Category.EMERGENCY),
        ("it won't stop bleeding", Category.EMERGENCY),
    ],
)
def test_a_command_word_inside_a_sentence_is_none(text: str, expected: Category) -> None:
    assert category(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "pls stop w the txts already",
        "take me off your list",
        "I don't want any more of these messages",
        "do not contact this number again",
        "unsubscribe me please",
        "lose my number",
        "Por favor no me manden más mensajes",
        "ya no quiero recibir textos",
        "bórrenme de la lista",
        "denme de baja",
        "dejen de escribirme",
        "do not start sending me messages",
        "I'd rather you call than text",
        "prefiero llamadas en vez de textos",
    ],
)
def test_an_opt_out_in_a_sentence_is_heard(text: str) -> None:
    understood = classify(text, PRACTICE)
    assert understood.category is Category.OPT_OUT
    assert understood.by.startswith("pattern:")


@pytest.mark.parametrize(
    "text",
    [
        "Your order has shipped. Reply STOP to opt out.",
        "please don't stop texting me, I like the reminders",
        "take me off the schedule for Friday please",
        "how do I stop the bleeding",
        "don't forget to stop and smell the roses",
        "no",
        "nope",
    ],
)
def test_who_did_not_opt_out_goes_on_hearing_from_the_practice(text: str) -> None:
    assert category(text) is not Category.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "start texting me again please",
        "turn my reminders back on",
        "vuelvan a mandarme los mensajes",
        "that STOP was by accident",
        "no hagan caso al STOP, fue sin querer",
        "text me instead of calling please",
        "me gustan más los textos que las llamadas",
    ],
)
def test_a_wish_for_texts_is_heard(text: str) -> None:
    assert category(text) is Category.OPT_IN


def test_an_emergency_is_more_urgent_than_an_opt_out() -> None:
    assert category("stop texting me and call, my face is swollen and I can't breathe") is Category.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "my tooth hurts so bad",
        "me duele mucho la muela",
        "no aguanto el dolor",
        "la encía no para de sangrar",
        "toothace 10/10 since last night",
        "not an emergency i think but my cheek keeps swelling",
    ],
)
def test_an_emergency_is_found(text: str) -> None:
    assert category(text) is Category.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "the tooth doesn't hurt anymore, thanks",
        "it stopped bleeding, all good now",
        "ya no me duele, gracias",
        "last year I had an abscess, glad that's over",
        "what counts as a dental emergency? it's for a school paper",
        "No emergency, are you open on Saturday?",
        "necesito cambiar mi cita, tengo una emergencia familiar",
    ],
)
def test_trouble_that_is_denied_over_imagined_or_elsewhere_is_no_emergency(text: str) -> None:
    assert category(text) is not Category.EMERGENCY


def test_a_keyword_of_ones_own_decides() -> None:
    practice = with_keywords(location=("blue awning",), hours=("siesta",))
    understood = classify("look for the blue awnings?", practice)
    assert (understood.category, understood.by) == (Category.LOCATION, "keyword:blue awning")
    assert classify("SIESTA?", practice).category is Category.HOURS
    assert classify("awning blue", practice).by != "keyword:blue awning"


def test_an_emergency_keyword_of_ones_own_beats_everything_unless_it_is_denied() -> None:
    practice = with_keywords(emergency=("pericoronitis",))
    assert classify("what are your hours? I think it is pericoronitis", practice).by == "keyword:pericoronitis"
    assert classify("I have pericornitis", practice).by == "keyword:pericoronitis"
    assert classify("the doctor says it is no pericoronitis, thanks", practice).category is not Category.EMERGENCY


def test_of_two_questions_the_first_is_answered() -> None:
    assert category("do you take Cigna and what are your hours") is Category.INSURANCE
    assert category("what are your hours and do you take Cigna") is Category.HOURS


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What time do you close today?", "en"),
        ("¿A qué hora cierran hoy?", "es"),
        ("quiero una cita pa manana", "es"),
        ("STOP", "en"),
        ("PARAR", "es"),
        ("ayuda", "es"),
        ("me duele", "es"),
        ("👍", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_the_answer_is_that_of_the_text(text: str, language: str) -> None:
    assert classify(text, PRACTICE).language == language


def test_what_nobody_understands_is_left_to_staff() -> None:
    texts = (
        "qwe zxc",
        "seven of nine purple",
        "7",
        "about the other thing",
        "it is the second one",
        "notifications",
        "text",
    )
    understood = [classify(text, PRACTICE) for text in texts]
    assert any(one.needs_staff for one in understood)
    assert all(one.needs_staff == (one.by in {"model:unsure", "pattern:unreadable"}) for one in understood)


@pytest.mark.parametrize(
    "text",
    [
        *("asdf", "qwe zxc", "sdkfjhs kjsdf", "lkjlkj", "ASDFGHJKL", "fghfgh!!", "x"),
        *("?", "...", "??!", "", "   ", "12", "🤷", "🦷😭", "😡😡"),
    ],
)
def test_what_says_nothing_is_left_to_staff(text: str) -> None:
    understood = classify(text, PRACTICE)
    assert (understood.category, understood.needs_staff) == (Category.NONE, True)
    assert understood.confidence < 0.5


@pytest.mark.parametrize("text", ["👍", "👍🏽👍🏽", "❤️", "🙏🙏!", "jajaja", "ok", "k"])
def test_a_nod_needs_nobody(text: str) -> None:
    understood = classify(text, PRACTICE)
    assert (understood.category, understood.needs_staff) == (Category.NONE, False)


@pytest.mark.parametrize(("text", "expected"), [("C", Category.APPOINTMENT), ("BCBS?", Category.INSURANCE)])
def test_a_short_text_that_means_something_is_read(text: str, expected: Category) -> None:
    assert category(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "Automatic reply: I am away until Monday. For urgent matters please contact my assistant.",
        "Your verification code is 482913",
        "Liked “Please call us if you have pain or swelling”",
    ],
)
def test_what_a_machine_wrote_is_about_nothing(text: str) -> None:
    understood = classify(text, PRACTICE)
    assert (understood.category, understood.by.partition(":")[0]) == (Category.NONE, "machine")


def test_twilios_own_word_wins() -> None:
    understood = classify("arret", PRACTICE, opt_out_type="STOP")
    assert (understood.category, understood.by) == (Category.OPT_OUT, "provider:STOP")
    assert classify("hours", PRACTICE, opt_out_type="NEWS").category is Category.HOURS


def test_yes_is_recognised_alone() -> None:
    assert says_yes(" Yes! ")
    assert not says_yes("yes please")


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\ud800", "\ufdfa" * 2000, "a" * 50_000, "?" * 3000, "́" * 500])
def test_hostile_texts_are_read_to_the_end(text: str) -> None:
    assert 0 <= classify(text, PRACTICE).confidence <= 1


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    understood = classify(text, PRACTICE, opt_out_type=text)
    assert 0 <= understood.confidence <= 1
    assert understood.by


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(["What are your hours", "my tooth hurts", "do you take Cigna", "stop texting me"]))
def test_capitals_do_not_matter(text: str) -> None:
    assert category(text.upper()) is category(text)
