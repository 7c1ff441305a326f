"""`frontdesk deployment`: the secrets of a deployment in containers."""

from pathlib import Path

import click

_ROOT = click.option(
    "--root", default="/shares", show_default=True, type=click.Path(path_type=Path), help="Where the shares are."
)
_GIVEN = click.option(
    "--given",
    default="/given",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The operator's secrets, one a file.",
)


@click.group()
def deployment() -> None:
    """The secrets of a deployment in containers (compose.yaml runs 'prepare' before everything else)."""


@deployment.command("want")
@_ROOT
@click.argument("profile")
def want(root: Path, profile: str) -> None:
    """Tell the 'prepare' that comes next that a profile is on: simulator, postgrest or supabase."""
    from ops.deployment.folders import want as remember
    from ops.deployment.shares import PROFILES

    if profile not in PROFILES:
        raise click.BadParameter(f"{profile} is none of {', '.join(PROFILES)}")
    remember(root, profile)


@deployment.command("prepare")
@_ROOT
@_GIVEN
@click.option("--supabase-url", envvar="SUPABASE_URL", help="The Supabase project, if it is not the local database.")
def prepare(root: Path, given: Path, supabase_url: str | None) -> None:
    """Make the secrets that are missing, and give each container those it reads; running it again changes nothing."""
    from ops.deployment.folders import prepare as write
    from ops.deployment.folders import wishes
    from ops.deployment.shares import Contradiction, Wanted

    try:
        changed = write(given, root, Wanted(wishes(root), supabase_url or None))
    except (Contradiction, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(f"{name}: written" for name in changed) or "everything is as it should be")


@deployment.command("rotate")
@_ROOT
@_GIVEN
@click.argument("name")
def rotate(root: Path, given: Path, name: str) -> None:
    """Make one of our own secrets anew, such as nats_password_gateway; docs/operations.md says what comes after."""
    from ops.deployment.folders import NoSuchSecret, wishes
    from ops.deployment.folders import rotate as make

    wishes(root)  # made for this run, in which nothing is prepared
    try:
        make(given, root, name)
    except (NoSuchSecret, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: made anew; the next 'deployment prepare' shares it")


@deployment.command("show")
@_ROOT
@_GIVEN
@click.argument("name")
def show(root: Path, given: Path, name: str) -> None:
    """Print one of our own secrets, such as dashboard_password."""
    from ops.deployment.folders import NoSuchSecret, wishes
    from ops.deployment.folders import show as read

    wishes(root)  # made for this run, in which nothing is prepared
    try:
        click.echo(read(given, root, name))
    except (NoSuchSecret, OSError) as error:
        raise click.ClickException(str(error)) from error
