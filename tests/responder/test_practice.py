"""The practice file: what works, and how what does not is told."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import responder
from contracts.values import Category
from responder import templates
from responder.numbers import e164, ten_digits
from responder.practice.errors import PracticeError
from responder.practice.loading import example, load, load_default, parse
from responder.practice.model import Practice
from support.responder import PRACTICE

FILE = PRACTICE.read_text()


def changed(*changes: tuple[str, str]) -> str:
    """The repository's file with some changes."""
    text = FILE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_the_repository_file_is_the_packaged_example() -> None:
    assert load(PRACTICE) == example()
    assert Path(responder.__path__[0], "example_practice.toml").read_text() == FILE


def test_the_packaged_example_speaks_where_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_default() == example()
    (tmp_path / "practice.toml").write_text(changed(('name = "Bright Harbor Dental"', 'name = "Quiet Cove"')))
    assert load_default().practice.name == "Quiet Cove"


def test_sections_that_a_practice_leaves_out_have_sensible_values() -> None:
    written = tomllib.loads(FILE)
    needed = {name: written[name] for name in ("practice", "hours", "keywords", "replies")}
    practice = Practice.model_validate(needed)
    assert practice.on_duty(NOON) == ()
    assert not practice.missed_calls.text_back
    assert practice.quiet_until(datetime(2026, 11, 24, 2, tzinfo=UTC)) == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert practice.budgets.cooldown(Category.HOURS) == timedelta(hours=1)


EMERGENCY = "{practice}: if life-threatening, call 911 now. For a dental emergency call {emergency_line} at any hour."
HOURS = '"{practice} hours: {hours}. Today: {hours_today}. '
FIRST_LINE = FILE.splitlines().index("[practice]") + 1
SPECIAL = '\n[[special_days]]\non = 2027-03-19\nreason = "one"\n'
PERSON = '\n[[on_call.people]]\nname = "Dr. Rivera"\nnumber = "646-555-0123"\n'


@pytest.mark.parametrize(
    ("toml", "place", "problem"),
    [
        (changed(('website = "', 'web_site = "')), "practice.web_site", "is no key here; did you mean website?"),
        (changed(('website = "', 'web_site = "')), "practice.website", "required"),
        (changed(("time_zone =", "zone_of_time =")), "practice.zone_of_time", "is no key here"),
        (changed(("[budgets]", "[budgets]\ncooldown_minute = 5")), "budgets.cooldown_minute", "cooldown_minutes"),
        (changed(("[on_call]", "[oncall]")), "oncall", "did you mean on_call?"),
        (changed(("[replies.es.after_hours]", "[replies.es.afterhours]")), "replies.es.afterhours", "after_hours?"),
        (changed(('from = "9pm"', 'form = "9pm"')), "quiet_hours.form", "did you mean from?"),
        (changed(("[keywords]", "[wallpaper]\n[keywords]")), "wallpaper", "there are practice, hours, holidays"),
        (changed(('monday = "8am-5pm"', "monday = 8")), "hours.monday", "no text of hours in quotes"),
        (changed(('monday = "8am-5pm"', 'monday = "8-5"')), "hours.monday", "no time of day"),
        (changed(('"July 4, observed"', '"4 July"')), "holidays.Independence Day.on", "no day of the year"),
        (changed(('phone = "212-555-0100"', 'phone = "555-0100"')), "practice.phone", "no phone number"),
        (changed(("America/New_York", "America/Miami")), "practice.time_zone", "no time zone"),
        (changed(('language = "en"', 'language = "fr"')), "practice.language", "there is no [replies.fr]"),
        (changed(("[replies.es]", "[replies.ES]")), "replies.ES", "pattern"),
        (FILE.replace("[replies.es", "[replies.fr").replace("\nes = ", "\nfr = "), "replies.fr",
         "there is no [phrases.fr]"),
        (changed(('["insurance", ', '["!", ')), "keywords.insurance.0", "letter or a digit"),
        (changed(('emergency = ["emergency", "urgent", "pain", "bleeding", "swelling"]', "emergency = []")),
         "keywords.emergency", "at least 1"),
        (changed((HOURS, HOURS.replace("hours}", "houres}", 1))), "replies.en.hours", "{houres} is no field"),
        (changed((HOURS, HOURS.replace("hours}", "hours!r}", 1))), "replies.en.hours", "no formatting"),
        (changed((HOURS, HOURS.replace("hours}", "hours.real}", 1))), "replies.en.hours", "no field"),
        (changed((HOURS, HOURS.replace("{hours}", "{0}"))), "replies.en.hours", "no field"),
        (changed((HOURS, HOURS.replace("{hours}.", "{hours."))), "replies.en.hours", "brace"),
        (changed((HOURS, HOURS.replace("{hours}", "{next_opening}"))), "replies.en.hours", "after_hours text"),
        (changed((HOURS, HOURS.replace("hours:", "h" * 100))), "replies.en.hours", "160 fit"),
        (changed((HOURS, HOURS.replace("hours:", "\N{MOBILE PHONE}"))), "replies.en.hours", "cannot carry"),
        (changed((HOURS, HOURS.replace("{practice}", "our"))), "replies.en.hours", "must name the practice"),
        (changed((EMERGENCY, EMERGENCY.replace("911", "somebody"))), "replies.en.emergency", "must name 911"),
        (changed((EMERGENCY, EMERGENCY.replace("911", "555-911-0"))), "replies.en.emergency", "must name 911"),
        (changed((EMERGENCY, EMERGENCY.replace("{emergency_line}", "{phone}"))), "replies.en.emergency",
         "{emergency_line}"),
        (changed(("llame ya al 911", "llame ya")), "replies.es.emergency", "must name 911"),
        (changed(("[replies.en.after_hours]", '[replies.en.after_hours]\nemergency = "{practice}: call 911."')),
         "replies.en.after_hours.emergency", "{emergency_line}"),
        (changed(("HELP for help, STOP to stop", "HELP for help")), "replies.en.opt_in", "must say STOP"),
        (changed(("Reply START to get", "Call us to get")), "replies.en.opt_out", "must say START"),
        (changed(("may apply. Reply STOP", "may apply. Reply S")), "replies.en.help", "must say STOP"),
        (changed(('{phone}. Emergency: {emergency_line}. Reply STOP for no texts."', '{phone}."')),
         "missed_calls.texts.en", "must say STOP"),
        (changed(("text_back = false", "text_back = true"), ("calls.texts]\nen =", "calls.texts]\nfr =")),
         "missed_calls.texts", "(en)"),
        (changed(("[missed_calls.after_hours]\nen =", "[missed_calls.after_hours]\nfr =")),
         "missed_calls.after_hours.fr", "missed_calls.texts.fr"),
        (changed(('to = "8am"', 'to = "9pm"')), "quiet_hours", "must lie some hours"),
        (changed(("per_sender_per_hour = 5", "per_sender_per_hour = 50")), "budgets", "more than per_sender_per_day"),
        (changed(("overall_per_day = 1000", "overall_per_day = 0")), "budgets.overall_per_day", "greater"),
        (changed(("# cooldown_minutes_of = { em", "cooldown_minutes_of = { m")), "cooldown_minutes_of.mergency",
         "'emergency'"),
        (FILE + SPECIAL + SPECIAL.replace("one", "two"), "special_days.1", 'with the special day "one"'),
        (FILE + SPECIAL.replace("\non =", "\nfrom ="), "special_days.0", "either `on`, or both"),
        (FILE + SPECIAL.replace("\non = 2027", "\nfrom = 2027-03-20\nto = 2027"), "special_days.0", "lies before"),
        (FILE + PERSON + PERSON, "on_call", "646-555-0123 is in the list more than once"),
        (FILE + PERSON + 'hours = "closed"', "on_call.people.0.hours", "at least 1"),
        (FILE + PERSON + 'days = ["mon"]', "on_call.people.0.days.0", "'monday'"),
        (FILE + PERSON + 'hour = "5pm-8am"', "on_call.people.0.hour", "did you mean hours?"),
        ("[practice]\nname = \n", "", "line 2"),
    ],
)  # fmt: skip
def test_an_error_names_its_place(toml: str, place: str, problem: str) -> None:
    with pytest.raises(PracticeError) as raised:
        parse(toml, "here.toml")
    found = [one for one in raised.value.problems if place in one and problem in one]
    assert found, raised.value.problems
    assert all(one.startswith("here.toml:") for one in found)


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        (changed(('website = "', 'web_site = "')), 'web_site = "'),
        (changed(('"July 4, observed"', '"4 July"')), '"Independence Day"'),
        (changed((HOURS, HOURS.replace("hours}", "houres}", 1))), "hours = " + HOURS[:10]),
        (changed(("llame ya al 911", "llame ya")), "si peligra una vida, llame ya. "),
        (FILE + SPECIAL + SPECIAL.replace("2027", "2028") + "hours = 'at night'", "hours = 'at night'"),
        (FILE + PERSON + PERSON.replace("646-555-0123", "123"), 'number = "123"'),
    ],
)  # fmt: skip
def test_an_error_names_its_line(toml: str, line: str) -> None:
    with pytest.raises(PracticeError) as raised:
        parse(toml, "here.toml")
    numbers = [number for number, written in enumerate(toml.splitlines(), 1) if line in written]
    assert any(problem.startswith(f"here.toml:{numbers[0]}: ") for problem in raised.value.problems)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for file, content in ((tmp_path / "missing.toml", None), (tmp_path / "latin.toml", "name = 'é'".encode("latin-1"))):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(PracticeError, match=re.escape(str(file))):
            load(file)


NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # Monday, in New York
PEOPLE = """
[[on_call.people]]
name = "by day"
number = "646-555-0121"
hours = "8am-5pm"

[[on_call.people]]
name = "by night"
number = "646-555-0122"
hours = "5pm-2am"
days = ["monday", "tuesday", "wednesday", "thursday", "friday"]

[[on_call.people]]
name = "sometimes"
number = "646-555-0123"
days = ["saturday"]
"""


@pytest.mark.parametrize(
    ("hours_later", "names"),
    [
        (0, ["by day"]),
        (6, ["by night"]),
        (13, ["by night"]),  # 1:00 on Tuesday: Monday's night
        (15, ["by day", "by night", "sometimes"]),  # 3:00: nobody is on duty, so everybody is asked
        (5 * 24, ["by day", "sometimes"]),
    ],
)
def test_who_is_on_duty(hours_later: int, names: list[str]) -> None:
    practice = parse(FILE + PEOPLE, "people.toml")
    assert [person.name for person in practice.on_duty(NOON + timedelta(hours=hours_later))] == names


def test_people_on_call_are_dialled_in_e164() -> None:
    practice = parse(FILE + PEOPLE, "people.toml")
    assert [person.e164 for person in practice.on_call.people][:1] == ["+16465550121"]
    assert practice.own_numbers() == {"+12125550100", "+16465550188"}


def test_quiet_hours_are_those_of_the_practices_wall_clock() -> None:
    practice = example()
    assert practice.quiet_until(NOON) is None
    assert practice.quiet_until(datetime(2026, 11, 24, 2, tzinfo=UTC)) == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert practice.quiet_until(datetime(2026, 7, 1, 1, tzinfo=UTC)) == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_single_categories_may_cool_down_faster() -> None:
    practice = parse(changed(("# cooldown_minutes_of", "cooldown_minutes_of")), "here.toml")
    assert practice.budgets.cooldown(Category.EMERGENCY) == timedelta(minutes=15)
    assert practice.budgets.cooldown(Category.HOURS) == timedelta(minutes=60)


FIELDS = {"practice": "Bright Harbor", "phone": "212-555-0100"}


@given(st.text())
def test_every_template_is_filled_or_refused(template: str) -> None:
    if templates.problem(template, FIELDS) is None:
        assert templates.fields_of(template) <= FIELDS.keys()
        templates.fill(template, FIELDS)


@given(st.text().filter(lambda text: not set(text) & set("{}")))
def test_fields_are_put_where_they_stand(around: str) -> None:
    template = f"{around}{{practice}}{around}{{phone}}"
    assert templates.problem(template, FIELDS) is None
    assert templates.fill(template, FIELDS) == f"{around}Bright Harbor{around}212-555-0100"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("212-555-0100", "+12125550100"),
        ("1 (212) 555-0100", "+12125550100"),
        ("+44 20 7946 0000", "+442079460000"),
        ("911", None),
        ("+0123456789", None),
        ("", None),
    ],
)
def test_numbers_as_people_write_them(written: str, number: str | None) -> None:
    assert e164(written) == number


def test_ten_digits_are_north_american() -> None:
    assert ten_digits("+12125550100") == "2125550100"
    assert ten_digits("+442079460000") is None
