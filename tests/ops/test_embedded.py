"""The embedded servers, where they are awkward to run."""

import shutil
from pathlib import Path

import psycopg
import pytest

from ops.embedded.postgres import EmbeddedPostgres


def test_postgres_runs_in_a_closed_folder_and_finds_its_data_again(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for expected in (0, 1):
        server = EmbeddedPostgres(tmp_path / "postgres").start()
        with psycopg.connect(server.url) as connection:
            connection.execute("create table if not exists kept (n int)")
            found = connection.execute("select count(*) from kept").fetchone()
            connection.execute("insert into kept values (1)")
        server.stop()
        assert found == (expected,)
    shutil.rmtree((tmp_path / "postgres").resolve())


def test_a_deleted_data_directory_is_forgotten(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    places = []
    for _ in range(2):
        server = EmbeddedPostgres(tmp_path / "postgres").start()
        places.append(server.directory)
        with psycopg.connect(server.url) as connection:
            connection.execute("create table kept (n int)")  # fails when it is there already
        server.stop()
        delete(tmp_path / "postgres")
    for place in places:
        shutil.rmtree(place, ignore_errors=True)


def delete(directory: Path) -> None:
    """What `rm -r` does, which follows no link."""
    if directory.is_symlink():
        directory.unlink()
    else:
        shutil.rmtree(directory)


def test_postgres_takes_no_password_but_its_own(open_path: Path) -> None:
    server = EmbeddedPostgres(open_path / "postgres", durable=False).start()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.url, password="another")
    server.stop()
    assert (open_path / "postgres" / "password").stat().st_mode & 0o077 == 0
