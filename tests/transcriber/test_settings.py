"""Settings that cannot work are refused by name before the service starts."""

from pathlib import Path

import pytest

from chassis.settings import SettingsError, load
from transcriber.settings import TranscriberSettings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRANSCRIPTION_ENGINE", "api"),
        ("WHISPER_MODEL", "/nonexistent"),
        ("TWILIO_API_URL", "api.twilio.com"),
        ("ENABLE_TRANSCRIPTION", "perhaps"),
        ("TRANSCRIBER_OPS_PORT", "http"),
    ],
)
def test_a_wrong_value_is_blamed_on_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load(TranscriberSettings)
    (problem,) = refused.value.problems
    assert problem.startswith(f"{variable}: ")
    assert value not in problem.removeprefix(f"{variable}: ").split()


def test_a_folder_with_a_model_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    monkeypatch.setenv("WHISPER_MODEL", str(tmp_path))
    assert load(TranscriberSettings).whisper_model == tmp_path


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "very-secret")
    monkeypatch.setenv("VOIPMS_PASSWORD", "very-secret")
    assert "very-secret" not in str(load(TranscriberSettings).effective())
