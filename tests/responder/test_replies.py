"""What patients are answered: in which language, by day and by night, and what no text may lack."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Category
from ops.practice.replies import PAGE, page
from responder import sms
from responder.practice.loading import example, parse
from responder.practice.model import Practice
from responder.practice.phrases import ENGLISH, SPANISH, Phrases
from responder.replies import times
from responder.replies.checking import at_their_longest, templates
from responder.replies.choosing import missed_call, reply
from support.responder import PRACTICE, ROOT

FILE = PRACTICE.read_text()
EXAMPLE = example()

OPEN = datetime(2026, 11, 23, 15, tzinfo=UTC)  # Monday, 10:00 in New York
NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)  # Monday, 22:00
HOLIDAY = datetime(2026, 11, 26, 15, tzinfo=UTC)  # Thanksgiving, before a day that is closed as well

moments = st.integers(0, 4 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


WEEK = "Mon-Thu 8am-5pm, Fri 8am-2pm, Sat-Sun closed"
SEMANA = "lun-jue 8am-5pm, vie 8am-2pm, sab-dom cerrado"


@pytest.mark.parametrize(
    ("category", "language", "at", "says"),
    [
        (Category.HOURS, "en", OPEN, f" hours: {WEEK}. Today: 8am-5pm. Emergencies: 646-555-0188."),
        (Category.HOURS, "en", NIGHT, f" is closed and opens Tuesday at 8:00 AM. Hours: {WEEK}. Emerg"),
        (Category.HOURS, "es", HOLIDAY, f" esta cerrado y abre el lunes a las 8:00 AM. Horario: {SEMANA}. Urg"),
        (Category.INSURANCE, "es", OPEN, " acepta Aetna, Cigna, Delta Dental, Medicaid y CHIP. Para confirmar su plan"),
    ],
)
def test_a_reply(category: Category, language: str, at: datetime, says: str) -> None:
    assert reply(EXAMPLE, category, language, at).text.startswith(f"Bright Harbor Dental{says}")


@pytest.mark.parametrize("language", [None, "fr", "tlh"])
def test_a_language_without_replies_is_answered_in_the_practices_own(language: str | None) -> None:
    spanish = parse(FILE.replace('language = "en"', 'language = "es"'), "es.toml")
    for category in Category:
        assert reply(EXAMPLE, category, language, OPEN) == reply(EXAMPLE, category, "en", OPEN)
        assert reply(spanish, category, language, OPEN) == reply(EXAMPLE, category, "es", OPEN)


def test_after_hours_replies_say_so_and_commands_are_confirmed_as_always() -> None:
    for category in Category:
        answer = reply(EXAMPLE, category, "en", NIGHT)
        always = category in {Category.EMERGENCY, Category.OPT_OUT, Category.OPT_IN, Category.HELP}
        assert answer.after_hours == (not always)
        assert ("Tuesday at 8:00 AM" in answer.text) == (not always)
        assert not reply(EXAMPLE, category, "en", OPEN).after_hours


def test_a_practice_that_stays_closed_promises_no_opening() -> None:
    shut = parse(re.sub(r'^(\w+day) = ".*"$', r'\1 = "closed"', FILE, flags=re.MULTILINE), "shut.toml")
    shut = shut.model_copy(update={"holidays": {}})
    answer = reply(shut, Category.NONE, "en", OPEN)
    assert not answer.after_hours
    assert answer.text.startswith("Thanks for texting Bright Harbor Dental.")


@settings(deadline=None)
@given(moments, st.sampled_from([*EXAMPLE.languages, None]))
def test_whenever_somebody_is_in_danger_911_and_the_emergency_line_are_named(at: datetime, language: str) -> None:
    text = reply(EXAMPLE, Category.EMERGENCY, language, at).text
    assert re.search(r"\b911\b", text)
    assert EXAMPLE.practice.emergency_line in text


CALLING = parse(FILE.replace("text_back = false", "text_back = true"), "calling.toml")


@settings(deadline=None)
@given(moments, st.sampled_from(Category), st.sampled_from([*EXAMPLE.languages, None]))
def test_every_text_names_the_practice_and_fits_one_message_at_any_time(
    at: datetime, category: Category, language: str | None
) -> None:
    answers = [reply(EXAMPLE, category, language, at), missed_call(CALLING, language, at)]
    for answer in answers:
        assert answer is not None
        assert "Bright Harbor Dental" in answer.text
        assert sms.size(answer.text) == sms.Size("GSM-7", len(answer.text), 1)
        assert not re.search(r"[{}]", answer.text)


def test_texts_that_nobody_asked_for_tell_how_to_stop_them() -> None:
    for at in (OPEN, NIGHT):
        for language in ("en", "es", None):
            answer = missed_call(CALLING, language, at)
            assert answer is not None
            assert "STOP" in answer.text
            assert answer.after_hours == (at == NIGHT)
    assert missed_call(EXAMPLE, "en", OPEN) is None


HOURS = ("closed", "8am-5pm", "10:30am-1:15pm, 1:45pm-10:45pm", "1pm-1am", "0:00-24:00")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(HOURS), min_size=7, max_size=7), st.sampled_from(("en", "es")), moments)
def test_no_reply_is_longer_than_the_file_was_checked_for(hours: list[str], language: str, at: datetime) -> None:
    practice = _opening(hours)
    longest = {
        (one.category, one.after_hours): sms.size(text).length
        for one, text in at_their_longest(practice)
        if one.language == language
    }
    for category in Category:
        answer = reply(practice, category, language, at)
        assert sms.size(answer.text).length <= longest[category, answer.after_hours]


def _opening(hours: list[str]) -> Practice:
    """The example with other hours, and replies so short that all of them fit."""
    days = dict(zip(EXAMPLE.hours.model_dump(), hours, strict=True))
    brief = {"hours": "{next_opening} {hours_today}", "none": "{next_opening}"}
    replies = {
        language: texts.model_copy(update={"after_hours": texts.after_hours.model_copy(update=brief)})
        for language, texts in EXAMPLE.replies.items()
    }
    return EXAMPLE.model_copy(update={"hours": type(EXAMPLE.hours).model_validate(days), "replies": replies})


@pytest.mark.parametrize(
    ("phrases", "opens", "said"),
    [
        (ENGLISH, "2026-11-23T13:00", "today at 1:00 PM"),
        (ENGLISH, "2026-11-24T08:00", "Tuesday at 8:00 AM"),
        (ENGLISH, "2026-11-29T12:30", "Sunday at 12:30 PM"),
        (ENGLISH, "2026-11-30T00:05", "Mon, Nov 30 at 12:05 AM"),
        (SPANISH, "2026-11-23T13:00", "hoy a la 1:00 PM"),
        (SPANISH, "2026-11-25T08:00", "el miércoles a las 8:00 AM"),
        (SPANISH, "2027-01-04T11:00", "el lun 4 de ene a las 11:00 AM"),
    ],
)
def test_how_an_opening_is_said(phrases: Phrases, opens: str, said: str) -> None:
    now = datetime(2026, 11, 23, 9, 30, tzinfo=EXAMPLE.zone)
    opening = datetime.fromisoformat(opens).replace(tzinfo=EXAMPLE.zone)
    assert times.opening(phrases, opening, now) == said


def test_an_opening_within_a_week_is_not_mistaken_for_another() -> None:
    now = datetime(2026, 11, 23, 9, 30, tzinfo=EXAMPLE.zone)
    said = [times.opening(ENGLISH, now.replace(hour=8) + timedelta(days=ahead), now) for ahead in range(1, 30)]
    assert len(set(said)) == len(said)


FRENCH = """
[phrases.fr]
weekdays = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
weekdays_short = ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"]
months_short = ["jan", "fév", "mar", "avr", "mai", "jun", "jul", "aoû", "sep", "oct", "nov", "déc"]
clock = 24
at = "à {time}"
today = "aujourd'hui {at}"
this_week = "{weekday} {at}"
later = "le {weekday_short} {day} {month_short} {at}"
closed = "fermé"
before_last = "et"

[replies.fr]
emergency = "{practice}: danger de mort, appelez le 911. Urgence dentaire: {emergency_line}."
appointment = "{practice}: rendez-vous au {phone}."
hours = "{practice}: {hours}. Aujourd'hui: {hours_today}."
location = "{practice}: {address}."
insurance = "{practice}: {insurance}."
none = "{practice}: appelez le {phone}."
opt_out = "{practice}: plus de messages. START pour en recevoir."
opt_in = "{practice}: vous recevrez nos messages. STOP pour arrêter."
help = "{practice}: {phone}. STOP pour arrêter."
after_hours = { hours = "{practice} ouvre {next_opening}." }
"""


def test_a_practice_can_add_a_language() -> None:
    practice = parse(FILE + FRENCH, "fr.toml")
    assert practice.languages == ("en", "es", "fr")
    assert reply(practice, Category.HOURS, "fr", OPEN).text == (
        "Bright Harbor Dental: lun-jeu 8:00-17:00, ven 8:00-14:00, sam-dim fermé. Aujourd'hui: 8:00-17:00."
    )
    assert reply(practice, Category.HOURS, "fr", NIGHT).text == "Bright Harbor Dental ouvre mardi à 8:00."


def test_the_documented_table_is_what_is_sent() -> None:
    assert (ROOT / PAGE).read_text() == page(EXAMPLE), "run 'frontdesk reply table'"


def test_every_text_in_the_table_is_one_message() -> None:
    rows = [row for row in Path(ROOT / PAGE).read_text().splitlines() if "| GSM-7 |" in row or "| UCS-2 |" in row]
    assert len(rows) == len(list(templates(EXAMPLE)))
    assert all(re.search(r"\| GSM-7 \| \d+ \| 1 \|$", row) for row in rows)
