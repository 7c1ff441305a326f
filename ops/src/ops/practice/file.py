"""Which practice file the commands read: the one the responder would."""

from pathlib import Path

import click

from ops.variables import read_variables
from responder.practice.errors import PracticeError
from responder.practice.loading import load, load_default
from responder.practice.model import Practice


def the_practice(file: Path | None = None) -> Practice:
    """`file`, else PRACTICE_FILE of the environment or `.env`, else the usual one.

    Raises `click.ClickException` with every problem of the file on a line of its own.
    """
    named = file or _named()
    try:
        return load(named) if named else load_default()
    except PracticeError as error:
        raise click.ClickException("\n".join(error.problems)) from error


def _named() -> Path | None:
    named = read_variables(Path(".env")).get("PRACTICE_FILE")
    return Path(named) if named else None
