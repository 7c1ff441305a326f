"""Settings of the responder: what stops it, and that nothing secret is shown."""

import subprocess
import sys
from pathlib import Path

import pytest

from chassis.environment import KNOWN
from chassis.settings import SettingsError, load
from responder.app import build
from responder.settings import ResponderSettings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in KNOWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"VOIPMS_USERNAME": "front@example.com"}, "VOIPMS_PASSWORD"),
        ({"VOIPMS_PASSWORD": "hush"}, "VOIPMS_USERNAME"),
        ({"VOIPMS_DID": "555"}, "VOIPMS_DID"),
        ({"TWILIO_PHONE_NUMBER": "front desk"}, "TWILIO_PHONE_NUMBER"),
        ({"WEBHOOK_BASE_URL": "front.example"}, "WEBHOOK_BASE_URL"),
        ({"RESPONDER_OPS_PORT": "ninety"}, "RESPONDER_OPS_PORT"),
        ({"PRACTICE_FILE": "nowhere.toml"}, "PRACTICE_FILE"),
    ],
)
def test_what_cannot_work_is_named(variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        build(load(ResponderSettings))
    assert raised.value.problems[0].startswith(named)
    assert "hush" not in str(raised.value)


def test_the_auth_token_alone_verifies_webhooks_and_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hush")
    settings = load(ResponderSettings)
    assert settings.twilio_account_sid is None
    assert build(settings).name == "responder"
    assert "hush" not in str(settings.effective())


def test_a_broken_practice_file_ends_the_process_with_2_and_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[practice]\nname = ""\n')
    monkeypatch.setenv("PRACTICE_FILE", str(file))
    ended = subprocess.run(
        [sys.executable, "-m", "responder", "--check-config"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert f"PRACTICE_FILE: {file}:2: practice.name: " in ended.stderr
