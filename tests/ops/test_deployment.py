"""The secrets of a deployment in containers: made once, and each given to who reads it and nobody else."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from click.testing import CliRunner
from pydantic import SecretStr

from ops.deployment.commands import deployment
from ops.deployment.folders import NoSuchSecret, prepare, rotate, show
from ops.deployment.shares import OWN, PROFILES, READERS, Contradiction, Wanted
from ops.main import cli
from ops.up.plan import SERVICES

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).resolve().parents[2] / "compose.yaml").read_text())
LOCAL = Wanted()
SIMULATED = Wanted(frozenset({"simulator"}))
SUPABASE = Wanted(supabase_url="https://project.supabase.co")


def secrets_of(service: str) -> set[str]:
    """The fields of a service's settings that hold secrets."""
    fields = SERVICES[service].model_fields.items()
    return {name for name, field in fields if SecretStr in getattr(field.annotation, "__args__", (field.annotation,))}


@pytest.mark.parametrize("service", READERS)
def test_a_service_can_be_given_exactly_the_secrets_its_settings_have(service: str) -> None:
    ours = {"nats_url", "database_url"}
    assert set(READERS[service]) == secrets_of(service) - ours


def files(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in root.rglob("*") if file.is_file()}


def test_running_it_again_changes_nothing(tmp_path: Path) -> None:
    assert "gateway" in prepare(tmp_path / "given", tmp_path, SIMULATED)
    before = files(tmp_path)
    assert prepare(tmp_path / "given", tmp_path, SIMULATED) == []
    assert files(tmp_path) == before


def test_what_is_given_goes_to_its_readers_alone_and_is_taken_away_again(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "README.md").write_text("no secret")
    (given / "twilio_shared_keys").write_text("webhooks_sharedkey_1:canary\n")
    prepare(given, tmp_path / "shares", LOCAL)
    holding = [name for name, text in files(tmp_path / "shares").items() if "canary" in text]
    assert holding == ["gateway/twilio_shared_keys"]
    (given / "twilio_shared_keys").unlink()
    assert prepare(given, tmp_path / "shares", LOCAL) == ["gateway"]
    assert "canary" not in str(files(tmp_path / "shares"))


def test_no_service_learns_the_password_of_another(tmp_path: Path) -> None:
    prepare(tmp_path / "given", tmp_path, LOCAL)
    found = files(tmp_path)
    for service in SERVICES:
        password = found[f"own/nats_password_{service}"]
        holding = {name.partition("/")[0] for name, text in found.items() if password in text}
        assert holding == {service, "nats", "own"}
    owners = {name.partition("/")[0] for name, text in found.items() if found["own/database_password"] in text}
    assert owners == {"operator", "postgres", "postgrest", "own"}


def test_the_server_takes_the_configuration(tmp_path: Path) -> None:
    prepare(tmp_path / "given", tmp_path, LOCAL)
    server = Path(sys.executable).parent / "nats-server"
    checked = subprocess.run([server, "-t", "-c", tmp_path / "nats" / "nats.conf"], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_rotated_secret_is_another_one_everywhere(tmp_path: Path) -> None:
    prepare(tmp_path / "given", tmp_path, LOCAL)
    before = show(tmp_path / "given", tmp_path, "nats_password_gateway")
    rotate(tmp_path / "given", tmp_path, "nats_password_gateway")
    assert prepare(tmp_path / "given", tmp_path, LOCAL) == ["gateway", "nats"]
    assert show(tmp_path / "given", tmp_path, "nats_password_gateway") != before
    assert before not in str(files(tmp_path))
    with pytest.raises(NoSuchSecret):
        rotate(tmp_path / "given", tmp_path, "twilio_auth_token")


def test_the_operators_own_password_is_not_told_as_another(tmp_path: Path) -> None:
    given = given_to(tmp_path, dashboard_password="their own")
    prepare(given, tmp_path, LOCAL)
    assert (tmp_path / "recorder" / "dashboard_password").read_text() == "their own"
    root = ("--root", str(tmp_path), "--given", str(given))
    for command in ("show", "rotate"):
        told = CliRunner().invoke(cli, ["deployment", command, *root, "dashboard_password"])
        assert (told.exit_code, "secrets/dashboard_password" in told.output) == (1, True), told.output
        assert "their own" not in told.output


@pytest.mark.parametrize("command", ["prepare", "show", "rotate"])
def test_every_command_finds_the_operators_secrets_where_compose_has_them(command: str) -> None:
    setup = COMPOSE["services"]["setup"]
    assert setup["command"] == ["deployment", "prepare"]
    options = {each.name: each.default for each in deployment.commands[command].params}
    assert f"./secrets:{options['given']}:ro" in setup["volumes"]
    assert any(each.startswith(f"share-own:{options['root']}/") for each in setup["volumes"])


def given_to(tmp_path: Path, **secrets: str) -> Path:
    """The operator's folder."""
    folder = tmp_path / "given"
    folder.mkdir(exist_ok=True)
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    return folder


ELSEWHERE = "postgresql://postgres:pw@db.example.org:5432/postgres"


def test_an_outside_supabase_takes_the_place_of_the_local_database(tmp_path: Path) -> None:
    prepare(given_to(tmp_path, supabase_service_role_key="key", database_url=ELSEWHERE), tmp_path / "shares", SUPABASE)
    found = files(tmp_path / "shares")
    assert "recorder/database_url" not in found
    assert found["recorder/supabase_service_role_key"] == "key"
    assert found["operator/database_url"] == ELSEWHERE


def test_an_outside_postgres_does_too_and_the_recorder_is_not_its_owner(tmp_path: Path) -> None:
    prepare(given_to(tmp_path, database_url=ELSEWHERE), tmp_path / "shares", LOCAL)
    found = files(tmp_path / "shares")
    assert found["operator/database_url"] == ELSEWHERE
    password = found["own/recorder_database_password"]
    assert found["recorder/database_url"] == ELSEWHERE.replace("postgres:pw", f"frontdesk_recorder:{password}")


@pytest.mark.parametrize("missing", ["supabase_service_role_key", "database_url"])
def test_a_supabase_that_nobody_can_reach_is_refused_by_the_file_that_is_missing(tmp_path: Path, missing: str) -> None:
    given = given_to(tmp_path, supabase_service_role_key="key", database_url=ELSEWHERE)
    (given / missing).unlink()
    with pytest.raises(Contradiction, match=f"no file secrets/{missing}"):
        prepare(given, tmp_path / "shares", SUPABASE)


def test_a_key_of_no_project_and_a_profile_of_no_project_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Contradiction, match="SUPABASE_URL is not set"):
        prepare(given_to(tmp_path, supabase_service_role_key="key"), tmp_path / "shares", LOCAL)
    with pytest.raises(Contradiction, match="SUPABASE_URL is not set"):
        Wanted(frozenset({"supabase"}))


def test_the_local_postgrest_has_no_other_database(tmp_path: Path) -> None:
    with pytest.raises(Contradiction, match="SUPABASE_URL"):
        Wanted(frozenset({"postgrest"}), "https://project.supabase.co")
    with pytest.raises(Contradiction, match="database_url"):
        prepare(given_to(tmp_path, database_url=ELSEWHERE), tmp_path / "s", Wanted(frozenset({"postgrest"})))


def test_with_postgrest_the_recorder_goes_to_the_local_database_as_to_supabase(tmp_path: Path) -> None:
    prepare(tmp_path / "given", tmp_path, Wanted(frozenset({"postgrest"})))
    found = files(tmp_path)
    assert "recorder/database_url" not in found
    said = jwt.decode(found["recorder/supabase_service_role_key"], found["postgrest/jwt_secret"], algorithms=["HS256"])
    assert said == {"role": "service_role"}


def test_the_simulator_never_stands_in_for_real_providers(tmp_path: Path) -> None:
    (tmp_path / "twilio_auth_token").write_text("real")
    with pytest.raises(Contradiction, match="twilio_auth_token"):
        prepare(tmp_path, tmp_path / "shares", SIMULATED)


def frontdesk(*words: str) -> str:
    told = CliRunner().invoke(cli, ["deployment", *words], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.output


def test_a_profile_counts_for_the_start_that_it_is_named_at(tmp_path: Path) -> None:
    root = ("--root", str(tmp_path))
    accounts = tmp_path / "gateway" / "twilio_auth_token"
    for _ in range(2):
        frontdesk("want", *root, "simulator")
        frontdesk("prepare", *root)
        assert accounts.exists()
    assert "gateway: written" in frontdesk("prepare", *root)
    assert not accounts.exists()
    frontdesk("want", *root, "simulator")
    frontdesk("show", *root, "dashboard_password")
    frontdesk("prepare", *root)
    assert not accounts.exists(), "the wish was for another command"


def test_a_refused_start_leaves_no_wish_for_the_next(tmp_path: Path) -> None:
    root = ("--root", str(tmp_path))
    frontdesk("want", *root, "supabase")
    refused = CliRunner().invoke(cli, ["deployment", "prepare", *root])
    assert refused.exit_code == 1
    assert "SUPABASE_URL is not set" in refused.output
    frontdesk("prepare", *root)


def test_no_other_profile_can_be_wanted(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["deployment", "want", "--root", str(tmp_path), "tools"]).exit_code == 2


@pytest.mark.parametrize("profile", PROFILES)
def test_compose_tells_setup_of_each_profile_before_it_runs(profile: str) -> None:
    wish = COMPOSE["services"][f"want-{profile}"]
    assert (wish["profiles"], wish["command"]) == ([profile], ["deployment", "want", profile])
    condition = COMPOSE["services"]["setup"]["depends_on"][f"want-{profile}"]
    assert condition == {"condition": "service_completed_successfully", "required": False}


def test_a_misspelt_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "twilio_auth_tokn").write_text("real")
    told = CliRunner().invoke(cli, ["deployment", "prepare", "--given", str(tmp_path), "--root", str(tmp_path / "s")])
    assert told.exit_code == 1
    assert "twilio_auth_tokn" in told.output
    assert "real" not in told.output


def test_every_secret_of_our_own_is_safe_in_an_address_and_in_nats_conf(tmp_path: Path) -> None:
    prepare(tmp_path / "given", tmp_path, LOCAL)
    for name in OWN:
        value = show(tmp_path / "given", tmp_path, name)
        assert value.startswith("pw_")
        assert value.removeprefix("pw_").isalnum()


DECIDED = {
    "an address or a port inside the container; what is published is in GATEWAY_PORTS and RECORDER_PORTS": {
        *("GATEWAY_HOST", "GATEWAY_PORT", "GATEWAY_OPS_PORT", "RECORDER_HOST", "RECORDER_PORT", "RECORDER_OPS_PORT"),
        *("RESPONDER_OPS_PORT", "TRANSCRIBER_OPS_PORT", "OPS_HOST"),
    },
    "a place inside the container": {"SPOOL_DIR", "WEBHOOK_LOG_FILE", "WHISPER_MODEL", "DATA_DIR"},
    "the deployment has its own NATS; another one comes with files, and so with an override": {
        *("NATS_CREDS", "NATS_CA", "NATS_TLS_FIRST"),
    },
    "the providers' own, or the simulator's, which setup says": {"TWILIO_API_URL", "VOIPMS_API_URL"},
    "has one value": {"TRANSCRIPTION_ENGINE"},
}
"""Settings that an operator of compose.yaml cannot change, by why."""
NOT_TO_BE_CHANGED = {name for names in DECIDED.values() for name in names}


@pytest.mark.parametrize("service", SERVICES)
def test_compose_hands_a_service_every_setting_an_operator_may_want_and_no_other(service: str) -> None:
    passed = {name for name in COMPOSE["services"][service]["environment"] if not name.startswith("OTEL_")}
    settings = {name.upper() for name in SERVICES[service].model_fields}
    secrets = {name.upper() for name in secrets_of(service)}
    assert passed == settings - secrets - NOT_TO_BE_CHANGED


def test_what_an_operator_cannot_change_is_a_setting() -> None:
    assert {name.upper() for each in SERVICES.values() for name in each.model_fields} >= NOT_TO_BE_CHANGED


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_sees_its_own_share_alone(service: str) -> None:
    mounted = [volume.partition(":")[0] for volume in COMPOSE["services"][service]["volumes"]]
    assert [name for name in mounted if name.startswith("share-")] == [f"share-{service}"]
