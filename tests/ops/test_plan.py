"""What `frontdesk up` decides before anything runs."""

import os
from pathlib import Path

import pytest

from chassis.environment import ADDRESSES, COMMANDS, KNOWN, RESERVED
from chassis.settings import SettingsError
from ops.settings_docs import settings, stale
from ops.up.plan import PORTS, SERVICES, Plan, check, make_plan
from ops.variables import read_variables
from simulator.settings import Settings as SimulatorSettings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name in KNOWN:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def plan(tmp_path: Path, **given: str) -> Plan:
    made = make_plan({"DATA_DIR": str(tmp_path / "var"), "GATEWAY_PORT": "0", **given})
    return made.with_(DATABASE_URL=given.get("DATABASE_URL", "postgresql://127.0.0.1/x"))


def test_without_credentials_the_simulator_stands_in(tmp_path: Path) -> None:
    made = plan(tmp_path)
    check(made)
    assert made.simulate
    assert made.variables["TWILIO_API_URL"] == made.simulator_url
    assert made.variables["WEBHOOK_BASE_URL"] == made.gateway_url


def test_simulated_credentials_and_password_are_the_same_after_a_restart(tmp_path: Path) -> None:
    kept = ("TWILIO_AUTH_TOKEN", "VOIPMS_WEBHOOK_TOKEN", "DASHBOARD_PASSWORD")
    first, second = plan(tmp_path), plan(tmp_path)
    assert [first.variables[name] for name in kept] == [second.variables[name] for name in kept]
    for name in ("simulator.json", "dashboard-password"):
        assert (tmp_path / "var" / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "VOIPMS_WEBHOOK_TOKEN", "VOIPMS_ALLOWED_IPS"])
def test_any_credential_keeps_the_simulator_off(tmp_path: Path, name: str) -> None:
    made = plan(tmp_path, **{name: "192.0.2.0/24"})
    check(made)
    assert not made.simulate
    assert "TWILIO_API_URL" not in made.variables


def test_a_process_gets_only_the_variables_it_reads(tmp_path: Path) -> None:
    made = plan(tmp_path)
    gateway = made.environment_of("gateway")
    assert gateway["SPOOL_DIR"] == str(tmp_path / "var" / "spool")
    assert "TWILIO_AUTH_TOKEN" in gateway
    assert not {"DATABASE_URL", "DASHBOARD_PASSWORD", "VOIPMS_PASSWORD"} & set(gateway)
    assert "VOIPMS_PASSWORD" in made.environment_of("responder")
    assert "TWILIO_AUTH_TOKEN" in made.environment_of("recorder")  # to play recordings
    assert "VOIPMS_WEBHOOK_TOKEN" not in made.environment_of("recorder")


def test_zero_picks_free_ports(tmp_path: Path) -> None:
    made = plan(tmp_path, **dict.fromkeys(PORTS, "0"))
    chosen = {made.variables[name] for name in PORTS}
    assert len(chosen) == len(PORTS)
    assert "0" not in chosen


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"GATEWAY_PORT": "http"}, "GATEWAY_PORT"),
        ({"RECORDER_HOST": "0.0.0.0"}, "DASHBOARD_PASSWORD"),
        ({"DATABASE_URL": "postgresql://x/y", "SUPABASE_URL": "http://x"}, "SUPABASE_URL"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"VOIPMS_ALLOWED_IPS": "10.0.0.0/8,nonsense"}, "VOIPMS_ALLOWED_IPS"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
    ],
)
def test_what_cannot_work_is_named_before_anything_starts(tmp_path: Path, given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        check(plan(tmp_path, **given))


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("GATEWAY_PORT=4001\nRECORDER_PORT=4002\nLOG_LEVEL=\n")
    monkeypatch.setenv("GATEWAY_PORT", "5001")
    assert read_variables(tmp_path / ".env") == {"GATEWAY_PORT": "5001", "RECORDER_PORT": "4002"}


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GATEWAY_PROT=4001\n")
    with pytest.raises(SettingsError, match=r"GATEWAY_PROT is not a setting; did you mean GATEWAY_PORT\?"):
        read_variables(tmp_path / ".env")


def test_known_names_are_exactly_those_that_something_reads() -> None:
    read = {setting.name for setting in settings()} | {name.upper() for name in SimulatorSettings.model_fields}
    assert read | RESERVED | ADDRESSES | COMMANDS == KNOWN


def test_every_service_setting_is_described() -> None:
    fields = {name: field for cls in SERVICES.values() for name, field in cls.model_fields.items()}
    assert [name for name, field in fields.items() if not field.description] == []


def test_the_written_documentation_is_what_the_code_says() -> None:
    assert stale(ROOT) == []
