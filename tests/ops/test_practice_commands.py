"""`frontdesk practice`, `hours` and `reply`, as a practice uses them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ops.main import cli

FILE = Path(__file__).resolve().parents[2] / "practice.toml"
WORKDAY, THANKSGIVING = "2026-11-23T10:00", "2026-11-26T09:30"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def values(result: Result) -> dict[str, str]:
    """`name  value` lines."""
    assert result.exit_code == 0, result.output
    return {name: value.strip() for name, _, value in (line.partition(" ") for line in result.output.splitlines())}


@pytest.fixture(autouse=True)
def in_a_practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's practice file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PRACTICE_FILE", raising=False)
    file = tmp_path / "practice.toml"
    file.write_text(FILE.read_text())
    return file


def test_hours_are_explained_with_the_reason_and_what_comes_next() -> None:
    assert run("hours", "explain", "--at", THANKSGIVING).output == (
        "Thursday 2026-11-26 09:30 EST (America/New_York): closed\n"
        "  Thursday, November 26: closed (holiday: Thanksgiving)\n"
        "  next opening: Monday 2026-11-30 08:00 EST, in 94 h 30 min\n"
    )
    assert run("hours", "explain", "--at", "2026-11-23T15:00Z").output == (
        "Monday 2026-11-23 10:00 EST (America/New_York): open\n"
        "  Monday, November 23: 8am-5pm (the hours of every Monday)\n"
        "  closes: Monday 2026-11-23 17:00 EST, in 7 h 0 min\n"
    )


def test_without_a_moment_hours_are_explained_as_of_now() -> None:
    assert "(America/New_York): " in run("hours", "explain").output


def test_a_moment_that_is_none_is_refused() -> None:
    result = run("hours", "explain", "--at", "tomorrow")
    assert result.exit_code == 2
    assert "--at: tomorrow is no date and time" in result.output


def test_a_reply_is_previewed_with_everything_that_decides_about_it() -> None:
    found = values(run("reply", "preview", "what are your office hours?", "--at", WORKDAY))
    assert found["category"].startswith("hours (")
    assert found["practice"] == "open"
    assert found["language"] == "en"
    assert found["text"].startswith("Bright Harbor Dental hours: Mon-Thu 8am-5pm")
    assert found["length"] == f"{len(found['text'])} of 160 (GSM-7), 1 segment"
    closed = values(run("reply", "preview", "what are your office hours?", "--at", THANKSGIVING))
    assert closed["practice"] == "closed"
    assert "opens Monday at 8:00 AM" in closed["text"]


def test_a_preview_says_when_nothing_would_be_sent() -> None:
    assert "provider_answers" in run("reply", "preview", "STOP", "--provider", "twilio").output
    assert values(run("reply", "preview", "STOP"))["text"].startswith("Bright Harbor Dental: you will get no more")


def test_a_preview_says_when_people_on_call_would_be_alerted() -> None:
    found = values(run("reply", "preview", "my daughter knocked out a tooth and it is bleeding", "--at", WORKDAY))
    assert "alerted" in found["alert"]
    assert "911" in found["text"]


def test_a_file_that_works_is_told_back() -> None:
    found = values(run("practice", "check"))
    assert found["practice"] == "Bright Harbor Dental, 212-555-0100, emergencies 646-555-0188"
    assert found["languages"] == "en, es"


def test_every_problem_of_a_file_is_told(in_a_practice: Path) -> None:
    broken = FILE.read_text().replace('website = "', 'web_site = "').replace('monday = "8am-5pm"', 'monday = "8-5"')
    other = in_a_practice.with_name("other.toml")
    other.write_text(broken)
    result = run("practice", "check", str(other))
    assert result.exit_code == 1
    assert all(place in result.output for place in ("practice.web_site", "practice.website", "hours.monday"))
    assert run("practice", "check").exit_code == 0


def test_the_table_is_written_where_the_documentation_is(in_a_practice: Path) -> None:
    page = in_a_practice.parent / "docs" / "replies.md"
    page.parent.mkdir()
    assert run("reply", "table").exit_code == 0
    assert page.read_text() == (FILE.parent / "docs" / "replies.md").read_text()
