"""The practice file: what works, and how what does not is told."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Category
from responder import gsm7, templates
from responder.numbers import e164, ten_digits
from responder.practice import Hours, PracticeError, example, load, load_default, parse
from support.responder import PRACTICE

FILE = PRACTICE.read_text()


def changed(old: str, new: str) -> str:
    """The repository's file with one change."""
    assert FILE.count(old) == 1, old
    return FILE.replace(old, new)


def test_the_repository_file_is_the_packaged_example() -> None:
    assert load(PRACTICE) == example()
    packaged = Path(templates.__file__).with_name("example_practice.toml").read_text()
    assert packaged == FILE


def test_the_packaged_example_speaks_where_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_default() == example()
    (tmp_path / "practice.toml").write_text(changed('name = "Bright Harbor Dental"', 'name = "Quiet Cove"'))
    assert load_default().practice.name == "Quiet Cove"


def test_every_reply_fits_one_text_message_and_has_no_field_left() -> None:
    for category in Category:
        reply = example().reply(category)
        assert gsm7.length(reply) <= 160
        assert not re.search(r"[{}]", reply)


def test_the_emergency_reply_names_911_and_the_emergency_line() -> None:
    reply = example().reply(Category.EMERGENCY)
    assert "911" in reply
    assert example().practice.emergency_line in reply


def test_days_with_the_same_hours_are_joined() -> None:
    week = ("8-5", "8-5", "9-5", "8-5", "8-5", "closed", "closed")
    assert Hours(**dict(zip(Hours.model_fields, week, strict=True))).summary() == (
        "Mon-Tue 8-5, Wed 9-5, Thu-Fri 8-5, Sat-Sun closed"
    )


LONG = "x" * 150


@pytest.mark.parametrize(
    ("toml", "place", "problem"),
    [
        (changed('website = "', 'web_site = "'), "practice.web_site", "not permitted"),
        (changed('website = "', 'web_site = "'), "practice.website", "required"),
        (changed('monday = "8am-5pm"', "monday = 8"), "hours.monday", "valid string"),
        (changed('phone = "212-555-0100"', 'phone = "555-0100"'), "practice.phone", "no phone number"),
        (changed("America/New_York", "America/Miami"), "practice.time_zone", "no time zone"),
        (changed('["insurance", ', '["!", '), "keywords.insurance.0", "letter or a digit"),
        (changed('emergency = ["emergency", "urgent", "pain", "bleeding", "swelling"]', "emergency = []"),
         "keywords.emergency", "at least 1"),
        (changed("[keywords]", "[colours]\n[keywords]"), "colours", "not permitted"),
        (changed("hours: {hours}.", "hours: {houres}."), "replies.hours", "{houres} is no field"),
        (changed("hours: {hours}.", "hours: {hours!r}."), "replies.hours", "no formatting"),
        (changed("hours: {hours}.", "hours: {hours.real}."), "replies.hours", "no field"),
        (changed("hours: {hours}.", "hours: {0}."), "replies.hours", "no field"),
        (changed("hours: {hours}.", "hours: {hours."), "replies.hours", "brace"),
        (changed("hours: {hours}.", f"{LONG} {{hours}}."), "replies.hours", "160 fit"),
        (changed("hours: {hours}.", "hours \N{MOBILE PHONE}: {hours}."), "replies.hours", "cannot carry"),
        (changed("call 911 now", "call somebody now"), "replies.emergency", "911"),
        (changed("dental emergency call {emergency_line}", "dental emergency call {phone}"), "replies.emergency",
         "emergency_line"),
        ("[practice]\nname = \n", "here.toml", "line 2"),
    ],
)  # fmt: skip
def test_an_error_names_its_place(toml: str, place: str, problem: str) -> None:
    with pytest.raises(PracticeError) as raised:
        parse(toml, "here.toml")
    assert any(place in found and problem in found for found in raised.value.problems), raised.value.problems


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for file, content in ((tmp_path / "missing.toml", None), (tmp_path / "latin.toml", "name = 'é'".encode("latin-1"))):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(PracticeError, match=re.escape(str(file))):
            load(file)


FIELDS = {"practice": "Bright Harbor", "phone": "212-555-0100"}


@given(st.text())
def test_every_template_is_filled_or_refused(template: str) -> None:
    if templates.problem(template, FIELDS) is None:
        assert gsm7.length(templates.fill(template, FIELDS)) <= 160


@given(st.text(alphabet=sorted(gsm7.BASIC - set("{}")), max_size=60))
def test_fields_are_put_where_they_stand(around: str) -> None:
    template = f"{around}{{practice}}{around}{{phone}}"
    assert templates.problem(template, FIELDS) is None
    assert templates.fill(template, FIELDS) == f"{around}Bright Harbor{around}212-555-0100"


def test_extended_characters_count_twice() -> None:
    assert gsm7.length("[a]") == 5
    assert gsm7.foreign("a€é“") == "“"


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
