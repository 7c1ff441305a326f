"""`frontdesk classify` and `frontdesk understanding`, as they are called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.main import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def classified(lines: bytes) -> list[dict[str, object]]:
    result = CliRunner().invoke(cli, ["classify"], input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_of_text_and_a_json_object_are_understood_alike() -> None:
    plain, wrapped = classified('¿A qué hora abren?\n{"id": 7, "text": "¿A qué hora abren?"}\n'.encode())
    assert plain == wrapped
    assert (plain["text"], plain["category"]) == ("¿A qué hora abren?", "hours")
    assert set(plain) == {"text", "category", "confidence", "by"}


def test_blank_lines_marks_and_windows_line_ends_are_passed_over() -> None:
    assert [one["text"] for one in classified(b"\xef\xbb\xbfSTOP\r\n\r\n   \nhelp")] == ["STOP", "help"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"\xff\xfe bad bytes", "\ufffd\ufffd bad bytes"),
        (b'{"text": 5}', '{"text": 5}'),
        (b"{not json", "{not json"),
        (b'{"text": "\\ud800 hi"}', "\ufffd hi"),
        (b'{"a":' * 20_000, '{"a":' * 20_000),
        (b"my tooth hurts " * 10_000, "my tooth hurts " * 10_000),
    ],
)
def test_no_line_stops_it(line: bytes, text: str) -> None:
    first, second = classified(line + b"\nSTOP\n")
    assert first["text"] == text
    assert second["category"] == "opt_out"


def test_it_tells_whether_the_model_is_up_to_date() -> None:
    assert CliRunner().invoke(cli, ["understanding", "check"]).exit_code == 0
