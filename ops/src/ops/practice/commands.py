"""The commands `practice`, `hours` and `reply`, each in a few lines. What they need is imported when they run."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from responder.practice.model import Practice

_AT = click.option("--at", metavar="ISO", help="Date and time, such as 2026-11-26T09:30; now when left out.")


@click.group()
def practice() -> None:
    """The practice file."""


@practice.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def practice_check(file: Path | None) -> None:
    """Fail when FILE (or the one in use) cannot be used; else tell back what it says."""
    from ops.practice.check import summary
    from ops.practice.file import the_practice

    ours = the_practice(file)
    _show(summary(ours, datetime.now(ours.zone).date()))


@click.group()
def hours() -> None:
    """When the practice is open."""


@hours.command("explain")
@_AT
def hours_explain(at: str | None) -> None:
    """Why the practice is open or closed, and until when."""
    from ops.practice.file import the_practice
    from ops.practice.hours import explained

    ours = the_practice()
    for line in explained(ours, _moment(ours, at)):
        click.echo(line)


@click.group()
def reply() -> None:
    """What patients are answered."""


@reply.command("preview")
@click.argument("text")
@_AT
@click.option("--provider", type=click.Choice(["twilio", "voipms"]), default="voipms", show_default=True)
def reply_preview(text: str, at: str | None, provider: str) -> None:
    """What a patient who writes TEXT would be answered. Nothing is sent."""
    from ops.practice.file import the_practice
    from ops.practice.replies import preview

    ours = the_practice()
    _show(preview(ours, text, _moment(ours, at), provider))


@reply.command("table")
def reply_table() -> None:
    """Write docs/replies.md: every text at its longest."""
    from ops.practice.replies import PAGE, page
    from responder.practice.loading import DEFAULT_FILE, load

    PAGE.write_text(page(load(DEFAULT_FILE)), encoding="utf-8")


def _moment(ours: "Practice", written: str | None) -> datetime:
    from ops.practice.hours import moment_of

    try:
        return moment_of(written, ours.zone)
    except ValueError as error:
        raise click.BadParameter(
            f"{written} is no date and time such as 2026-11-26T09:30", param_hint="--at"
        ) from error


def _show(lines: Iterable[tuple[str, str]]) -> None:
    for name, value in lines:
        click.echo(f"{name:13} {value}")
