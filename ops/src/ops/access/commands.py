"""`frontdesk user`, `frontdesk token` and `frontdesk audit`."""

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import click

from chassis.failures import Refused, Unavailable
from ops.access.database import calling


def _database(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command `ask`, which calls a function of the recorder's database."""

    @click.option(
        "--database-url", envvar="DATABASE_URL", help="The recorder's, as its owner; that of 'frontdesk up' if unset."
    )
    @click.option("--supabase-url", envvar="SUPABASE_URL", help="Or the Supabase project it is in.")
    @click.option("--supabase-key", envvar="SUPABASE_SERVICE_ROLE_KEY", help="Its service role key.")
    @functools.wraps(command)
    def with_database(
        *arguments: Any, database_url: str | None, supabase_url: str | None, supabase_key: str | None, **options: Any
    ) -> None:
        def ask(function: str, **values: Any) -> list[Any]:
            try:
                return asyncio.run(calling(database_url, supabase_url, supabase_key, function, values))
            except (Unavailable, Refused) as error:
                raise click.ClickException(str(error)) from error

        command(*arguments, ask=ask, **options)

    return with_database


@click.group()
def user() -> None:
    """People with a password of their own for the page and the API."""


@user.command("add")
@click.argument("name")
@click.password_option(help="Asked for when not given.")
@_database
def user_add(name: str, password: str, ask: Callable[..., list[Any]]) -> None:
    """Let NAME sign in; a new password when NAME is there already."""
    from recorder.web.access.passwords import MAX_LENGTH, hash_password

    if not 1 <= len(name.strip()) <= 80 or not name.isprintable() or ":" in name:
        raise click.BadParameter("a name has 1 to 80 characters, and no colon", param_hint="NAME")
    if not 8 <= len(password.encode()) <= MAX_LENGTH:
        raise click.BadParameter(f"a password has 8 to {MAX_LENGTH} bytes", param_hint="password")
    ask("set_staff_user", name=name.strip(), password_hash=hash_password(password))
    click.echo(f"{name.strip()} may sign in")


@user.command("remove")
@click.argument("name")
@_database
def user_remove(name: str, ask: Callable[..., list[Any]]) -> None:
    """Let NAME sign in no more, and end their sessions."""
    if not ask("remove_staff_user", name=name):
        raise click.ClickException(f"there is no {name}")
    click.echo(f"{name} may sign in no more")


@user.command("list")
@_database
def user_list(ask: Callable[..., list[Any]]) -> None:
    """Who may sign in."""
    for row in ask("list_staff_users"):
        click.echo(f"{row['name']:30} since {row['created_at'][:10]}")


@click.group()
def token() -> None:
    """Tokens for machines that use the API."""


@token.command("create")
@click.argument("name")
@click.option("--scope", type=click.Choice(["read", "write"]), default="read", show_default=True)
@_database
def token_create(name: str, scope: str, ask: Callable[..., list[Any]]) -> None:
    """Make a token and show it, once. Send it as 'Authorization: Bearer …'."""
    from recorder.web.access.tokens import new_token, token_hash

    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise click.BadParameter("a name has 1 to 80 characters", param_hint="NAME")
    made = new_token()
    if not ask("add_token", name=name, token_hash=token_hash(made), scope=scope):
        raise click.ClickException(f"there is a token {name} already: revoke it first")
    click.echo(made)


@token.command("revoke")
@click.argument("name")
@_database
def token_revoke(name: str, ask: Callable[..., list[Any]]) -> None:
    """Make a token worthless."""
    if not ask("revoke_token", name=name):
        raise click.ClickException(f"there is no token {name}")
    click.echo(f"the token {name} is worth nothing any more")


@token.command("list")
@_database
def token_list(ask: Callable[..., list[Any]]) -> None:
    """Which tokens there are, and when each was last used."""
    for row in ask("list_tokens"):
        click.echo(f"{row['name']:30} {row['scope']:6} last used {row['used_at'] or 'never'}")


@click.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many, newest first.")
@_database
def audit(limit: int, ask: Callable[..., list[Any]]) -> None:
    """Who looked at, changed, exported or erased what."""
    for row in ask("audit_entries", before=None, how_many=limit):
        what = f"{row['kind']} {row['key']}".strip()
        click.echo(f"{row['at'][:19]}Z  {row['who']:30} {row['action']:10} {what}  {row['client'] or ''}".rstrip())
