"""The `frontdesk` command: one group, each command in a few lines, the work in its own module."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from chassis.settings import SettingsError, secret_files, secrets_folder
from ops.access.commands import audit, token, user
from ops.bus.commands import nats, operators_way, streams
from ops.deployment.commands import deployment
from ops.practice.commands import hours, practice, reply
from ops.understanding import understanding


class _Group(click.Group):
    """Named errors become one line, not a traceback."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except SettingsError as error:
            raise click.ClickException("; ".join(error.problems)) from error


@click.group(cls=_Group)
@click.version_option(package_name="frontdesk-ops")
def cli() -> None:
    """Run, provision and inspect Frontdesk."""
    _take_secrets_from_files()


def _take_secrets_from_files() -> None:
    """Options take their values from variables, and so from the files of SECRETS_DIR as services do."""
    folder = secrets_folder(os.environ)
    for name in secret_files(folder):
        os.environ.setdefault(name.upper(), (folder / name).read_text().strip() if folder else "")


for command in (streams, nats, practice, hours, reply, understanding, user, token, audit, deployment):
    cli.add_command(command)


@cli.command()
def up() -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    from ops.up.stack import up as start

    sys.exit(start())


def _data_dir() -> Path:
    from ops.variables import read_variables

    return Path(read_variables(Path(".env")).get("DATA_DIR", "var")).absolute()


def _ordered(names: tuple[str, ...], *wants: str) -> None:
    from ops.up.orders import NotRunning, order

    for name in names:
        try:
            for want in wants:
                pid = order(_data_dir(), name, "stopped" if want == "stopped" else "running")
        except (NotRunning, TimeoutError) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{name}: {f'running (pid {pid})' if pid else 'stopped'}")


@cli.command()
@click.argument("names", nargs=-1, required=True)
def stop(names: tuple[str, ...]) -> None:
    """Stop processes of a running 'frontdesk up' (gateway, recorder, nats, …); they stay stopped."""
    _ordered(names, "stopped")


@cli.command()
@click.argument("names", nargs=-1, required=True)
def start(names: tuple[str, ...]) -> None:
    """Start processes that 'frontdesk stop' stopped."""
    _ordered(names, "running")


@cli.command()
@click.argument("names", nargs=-1, required=True)
def restart(names: tuple[str, ...]) -> None:
    """Stop processes and start them again."""
    _ordered(names, "stopped", "running")


@cli.command()
def status() -> None:
    """What of a running 'frontdesk up' runs."""
    from ops.up.orders import NotRunning
    from ops.up.orders import status as read

    try:
        for name, state in read(_data_dir()).items():
            pid = f"  pid {state['pid']}" if state["pid"] else ""
            crashes = f"  crashed {state['crashes']} times" if state["crashes"] else ""
            click.echo(f"{name:12} {state['state']}{pid}{crashes}")
    except NotRunning as error:
        raise click.ClickException(str(error)) from error


@cli.command()
def demo() -> None:
    """Send a realistic day to a running 'frontdesk up' and show what came of it."""
    from ops.demo.day import NoStack, run

    try:
        sys.exit(asyncio.run(run(_data_dir())))
    except NoStack as error:
        raise click.ClickException(str(error)) from error


@cli.group()
def db() -> None:
    """The recorder's database."""


@db.command("migrate")
@click.option("--database-url", envvar="DATABASE_URL", required=True, help="Address with the owner's credentials.")
@click.option(
    "--recorder-password",
    envvar="RECORDER_DATABASE_PASSWORD",
    help="Also let the role frontdesk_recorder log in, with this password; as 'db login' does.",
)
def db_migrate(database_url: str, recorder_password: str | None) -> None:
    """Apply the migrations that are missing."""
    import psycopg

    from recorder.migrate import migrate
    from recorder.role import let_in

    try:
        applied = migrate(database_url)
        if recorder_password:
            let_in(database_url, recorder_password)
    except psycopg.Error as error:
        raise click.ClickException(f"DATABASE_URL: {error}") from error
    click.echo("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


@db.command("login")
@click.option("--database-url", envvar="DATABASE_URL", required=True, help="Address with the owner's credentials.")
@click.password_option(help="Asked for, or read from standard input.", confirmation_prompt=False)
def db_login(database_url: str, password: str) -> None:
    """Let the role frontdesk_recorder, which may do what the recorder must, log in with a password."""
    import psycopg

    from recorder.role import ROLE, let_in

    try:
        let_in(database_url, password)
    except psycopg.Error as error:
        raise click.ClickException(f"DATABASE_URL: {error}") from error
    click.echo(f"the recorder may log in as {ROLE}")


@cli.command()
@click.argument("number")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@operators_way
@click.option("--database-url", envvar="DATABASE_URL", help="The recorder's database, with the owner's credentials.")
@click.option("--supabase-url", envvar="SUPABASE_URL", help="Or the Supabase project it is in.")
@click.option("--supabase-key", envvar="SUPABASE_SERVICE_ROLE_KEY", help="Its service role key.")
@click.option("--spool", envvar="SPOOL_DIR", type=click.Path(path_type=Path), help="The gateway's spool.")
@click.option("--receipts", default="var/erasures", show_default=True, type=click.Path(path_type=Path))
def erase(
    number: str, dry_run: bool, yes: bool, nats_url: str, nats_creds: str | None, nats_ca: str | None, **options: Any
) -> None:
    """Forget a person: all calls, texts, recordings' words, requests and notes with NUMBER, everywhere.

    Exit code 0: done (or nothing there); 1: something could not be reached, run it again; 2: wrong use.
    """
    from chassis.nats_access import NatsAccess
    from chassis.settings import load
    from ops.erasing.command import CannotErase, Options, run
    from ops.erasing.person import NotANumber, Person

    access = load(NatsAccess, nats_url=nats_url, nats_creds=nats_creds, nats_ca=nats_ca)
    try:
        person = Person.of(number)
        agree = (
            (lambda _: True) if yes else (lambda found: click.confirm(f"Found {found}. Erase for ever?", abort=True))
        )
        sys.exit(run(person, Options(access, **options), dry_run=dry_run, agree=agree, say=click.echo))
    except NotANumber as error:
        raise click.BadParameter(str(error)) from error
    except CannotErase as error:
        raise click.ClickException(str(error)) from error


@cli.group()
def contracts() -> None:
    """The contracts as files: schemas, examples, AsyncAPI, and what was released."""


@contracts.command("write")
def contracts_write() -> None:
    """Generate contracts/schemas, contracts/examples and contracts/asyncapi.yaml."""
    from ops.contracts.files import write

    write(Path("contracts"))


@contracts.command("check")
def contracts_check() -> None:
    """Fail when the files are not what the code says, or when a change could break who relies on a release."""
    from ops.contracts.files import drifted, incompatible

    root = Path("contracts")
    problems = [f"{name}: not what the code says; run 'frontdesk contracts write'" for name in drifted(root)]
    problems += map(str, incompatible(root))
    if problems:
        raise click.ClickException("\n".join(problems))


@contracts.command("release")
@click.argument("version")
def contracts_release(version: str) -> None:
    """Freeze today's schemas and examples as VERSION (such as 1.0.0); later changes are held against them."""
    from ops.contracts.files import AlreadyReleased, Incompatible, release

    try:
        click.echo(f"frozen in {release(Path('contracts'), version)}")
    except (AlreadyReleased, Incompatible, ValueError) as error:
        raise click.ClickException(str(error)) from error


@contracts.command("html")
@click.argument("target", default="var/contracts.html", type=click.Path(path_type=Path))
def contracts_html(target: Path) -> None:
    """Build a page of the whole system's messages that works offline (needs Node)."""
    from ops.contracts.html import NotBuilt, build

    try:
        click.echo(f"open {build(target)}")
    except NotBuilt as error:
        raise click.ClickException(str(error)) from error


@cli.command()
def classify() -> None:
    """Read one message a line (or JSON lines with a `text` field) and write what the responder understands."""
    from ops.classify import classify_lines
    from ops.practice.file import the_practice

    for result in classify_lines(sys.stdin.buffer, the_practice()):
        click.echo(json.dumps(result, ensure_ascii=False).encode())


@cli.group()
def settings() -> None:
    """The documentation of settings, generated from the code."""


@settings.command("write")
def settings_write() -> None:
    """Write .env.example and docs/configuration.md."""
    from ops.settings_docs import write

    write(Path.cwd())


@settings.command("check")
def settings_check() -> None:
    """Fail when .env.example or docs/configuration.md are not what the code says."""
    from ops.settings_docs import stale

    files = stale(Path.cwd())
    if files:
        raise click.ClickException(f"{', '.join(files)}: not what the code says; run 'frontdesk settings write'")


@cli.group()
def openapi() -> None:
    """The HTTP APIs' descriptions, generated from the code."""


@openapi.command("write")
def openapi_write() -> None:
    """Write docs/openapi/*.json."""
    from ops.openapi import write

    write(Path.cwd())


@openapi.command("check")
def openapi_check() -> None:
    """Fail when docs/openapi/*.json are not what the code says."""
    from ops.openapi import stale

    if files := stale(Path.cwd()):
        raise click.ClickException(f"{', '.join(files)}: not what the code says; run 'frontdesk openapi write'")
