"""`frontdesk nats`: what it writes is what a server takes."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.bus.configuration import Node, config
from ops.bus.permissions import users
from ops.embedded.nats import binary
from ops.main import cli


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["nats", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--listen", "127.0.0.1:4222", "--monitor", "127.0.0.1:8222", "--store", "/tmp/store"],
        ["--name", "nats-1", "--cluster", "0.0.0.0:6222"],
        ["--keys", "keys"],
    ],
)
def test_a_server_takes_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    run("keys", "keys")
    (tmp_path / "nats.conf").write_text(run("config", *options))
    environment = {user.password_variable: "pw_x" for user in users()}
    environment |= {"NATS_PASSWORD_CLUSTER": "pw_y", "NATS_ROUTES": '["nats-route://cluster:pw_y@127.0.0.1:6222"]'}
    check = [binary(), "-t", "-c", str(tmp_path / "nats.conf")]
    checked = subprocess.run(check, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_command_writes_what_every_other_server_here_runs_with() -> None:
    assert run("config") == config(Node("0.0.0.0:4222", store_dir="/data"))


def test_missing_keys_are_told_with_the_way_to_make_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["nats", "config", "--keys", str(tmp_path)])
    assert result.exit_code == 1
    assert f"frontdesk nats keys {tmp_path}" in result.output
