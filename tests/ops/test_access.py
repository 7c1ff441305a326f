"""People and tokens are made and taken away from the command line."""

import re

import psycopg
import pytest
from click.testing import CliRunner, Result

from ops.main import cli


def run(database_url: str, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(cli, arguments, input=given, env={"DATABASE_URL": database_url, "SUPABASE_URL": ""})


def test_people_are_added_listed_and_removed(migrated_url: str) -> None:
    added = run(migrated_url, "user", "add", "Ana Díaz", given="long enough\nlong enough\n")
    assert (added.exit_code, "long enough" in added.output) == (0, False)
    assert "Ana Díaz" in run(migrated_url, "user", "list").output
    with psycopg.connect(migrated_url) as connection:
        kept = connection.execute("select password_hash from staff_users").fetchone()
    assert kept is not None
    assert kept[0].startswith("$argon2id$")
    assert run(migrated_url, "user", "remove", "ana díaz").exit_code == 0
    assert run(migrated_url, "user", "remove", "Ana Díaz").exit_code == 1


@pytest.mark.parametrize(("name", "password"), [("", "long enough"), ("a:b", "long enough"), ("Ana", "short")])
def test_what_could_not_be_used_to_sign_in_is_refused(migrated_url: str, name: str, password: str) -> None:
    assert run(migrated_url, "user", "add", name, "--password", password).exit_code == 2
    assert run(migrated_url, "user", "list").output == ""


def test_a_token_is_shown_once(migrated_url: str) -> None:
    made = run(migrated_url, "token", "create", "reports", "--scope", "write")
    assert re.fullmatch(r"frontdesk_[\w-]{43}\n", made.output)
    assert run(migrated_url, "token", "create", "reports").exit_code == 1
    listed = run(migrated_url, "token", "list").output
    assert re.fullmatch(r"reports +write +last used never\n", listed)
    assert run(migrated_url, "token", "revoke", "reports").exit_code == 0
    assert run(migrated_url, "token", "revoke", "reports").exit_code == 1


def test_the_audit_record_is_read_newest_first(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        for key in ("twilio/CA1", "twilio/CA2"):
            connection.execute("select audit('Ana', 'looked', 'call', %s, '192.0.2.1')", (key,))
    lines = run(migrated_url, "audit").output.splitlines()
    assert [line.split()[-2] for line in lines] == ["twilio/CA2", "twilio/CA1"]
    assert len(run(migrated_url, "audit", "--limit", "1").output.splitlines()) == 1


def test_a_database_that_is_away_is_said_in_one_line(free_database_url: str) -> None:
    result = run(free_database_url, "user", "list")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "database" in result.output


@pytest.fixture
def free_database_url() -> str:
    from ops.embedded.children import free_port

    return f"postgresql://nobody@127.0.0.1:{free_port()}/x"
