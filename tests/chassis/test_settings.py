"""Settings that cannot work stop a service and name the variable."""

from pathlib import Path

import pytest
from pydantic import Field

from chassis.environment import misspelt
from chassis.settings import ServiceSettings, SettingsError, load


class Example(ServiceSettings):
    """A service's settings."""

    twilio_auth_token: str = Field("", description="token")
    gateway_port: int = Field(3001, description="port")


def test_a_misspelt_name_is_named_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKN", "secret-value")
    with pytest.raises(SettingsError, match=r"TWILIO_AUTH_TOKN is not a setting; did you mean TWILIO_AUTH_TOKEN") as e:
        load(Example)
    assert "secret-value" not in str(e.value)


def test_a_wrong_value_names_its_variable_and_not_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "secret-port")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(SettingsError) as refused:
        load(Example)
    assert {problem.split(":")[0] for problem in refused.value.problems} == {"GATEWAY_PORT", "LOG_FORMAT"}
    assert "secret-port" not in str(refused.value)


def test_an_empty_value_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "")
    assert load(Example).gateway_port == 3001


def test_effective_settings_hide_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_URL", "nats://user:hunter2@127.0.0.1:4222")
    assert "hunter2" not in str(load(Example).effective())


def test_kubernetes_service_links_are_not_misspellings() -> None:
    assert misspelt(["GATEWAY_SERVICE_HOST", "GATEWAY_PORT_3001_TCP_ADDR", "RECORDER_SERVICE_PORT_HTTP"]) == []


def test_secrets_come_from_files_and_variables_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "nats_url").write_text("nats://from-a-file\n")
    (tmp_path / "twilio_auth_token").write_text("from a file\n")
    (tmp_path / "..data").write_text("how Kubernetes swaps them")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "from a variable")
    loaded = load(Example)
    assert loaded.nats_url.get_secret_value() == "nats://from-a-file"
    assert loaded.twilio_auth_token == "from a variable"


def test_a_misspelt_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "twilio_auth_tokn").write_text("secret-value")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match="SECRETS_DIR: twilio_auth_tokn is not a setting") as refused:
        load(Example)
    assert "secret-value" not in str(refused.value)


def test_a_missing_folder_of_secrets_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="SECRETS_DIR"):
        load(Example)
