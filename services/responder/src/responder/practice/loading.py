"""Reading the practice file, and refusing one that could not be used later."""

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from responder.practice import consistency
from responder.practice.errors import PracticeError, sentence, sentences
from responder.practice.model import Practice
from responder.replies import checking

DEFAULT_FILE = Path("practice.toml")
"""Used when `PRACTICE_FILE` is not set; without it, the packaged example speaks."""


def load(path: Path) -> Practice:
    """Read and check a practice file. Raises `PracticeError`."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise PracticeError([f"{path}: {reason}"]) from error


def load_default() -> Practice:
    """The practice file of the working directory or, without one, the packaged example. Raises `PracticeError`."""
    return load(DEFAULT_FILE) if DEFAULT_FILE.exists() else example()


def example() -> Practice:
    """The invented practice that Frontdesk comes with."""
    name = "example_practice.toml"
    return parse(resources.files("responder").joinpath(name).read_text(encoding="utf-8"), name)


def parse(toml: str, origin: str) -> Practice:
    """Check the text of a practice file; `origin` names it in errors. Raises `PracticeError`."""
    try:
        practice = Practice.model_validate(tomllib.loads(toml))
    except tomllib.TOMLDecodeError as error:
        raise PracticeError([f"{origin}: {error}"]) from error
    except ValidationError as error:
        raise PracticeError(sentences(origin, toml, error, Practice)) from error
    if problems := consistency.problems(practice) or checking.problems(practice):
        raise PracticeError([sentence(origin, toml, place, problem) for place, problem in problems])
    return practice
