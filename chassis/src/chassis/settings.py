"""Settings from the environment, checked as a whole before a service does anything."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from chassis.environment import misspelt
from chassis.nats_access import NatsAccess

SettingsT = TypeVar("SettingsT", bound="ServiceSettings")
LoadedT = TypeVar("LoadedT", bound=BaseSettings)


class SettingsError(ValueError):
    """Settings that cannot work. One sentence per variable, which it names; never a value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class ServiceSettings(NatsAccess):
    """What every service can be told. Field names are the variables' names in lower case."""

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged")
    log_format: Literal["json", "console"] = Field("json", description="Log lines for machines or for people")
    ops_host: str = Field("127.0.0.1", description="Address the health and metrics ports listen on")
    secrets_dir: Path | None = Field(
        None,
        description="Folder of files named like settings (`twilio_auth_token`), each holding its value, as Docker and "
        "Kubernetes mount secrets; a variable that is set wins over a file",
    )

    def effective(self) -> dict[str, str]:
        """Every setting as it is used, for the log: secrets only as set or unset."""
        return {name.upper(): _shown(getattr(self, name)) for name in type(self).model_fields}


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else "(unset)"
    if value is None:
        return "(unset)"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def secrets_folder(environment: Mapping[str, str]) -> Path | None:
    """SECRETS_DIR, if it is set. Raises `SettingsError` when there is no such folder."""
    named = environment.get("SECRETS_DIR")
    if not named:
        return None
    if not Path(named).is_dir():
        raise SettingsError([f"SECRETS_DIR: {named} is not a folder"])
    return Path(named)


def secret_files(folder: Path | None) -> list[str]:
    """The names of the files in SECRETS_DIR; hidden ones are how Kubernetes swaps the others."""
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith(".")) if folder else []


def load(settings: type[LoadedT], **given: Any) -> LoadedT:
    """Read `settings` from the environment and SECRETS_DIR, but for what is `given`.

    Raises `SettingsError` naming every variable and file that is wrong or misspelt.
    """
    folder = secrets_folder(os.environ)
    problems = misspelt(os.environ, secret_files(folder))
    try:
        loaded = settings(**given, _secrets_dir=folder)
    except ValidationError as error:
        problems += [_sentence(detail) for detail in error.errors(include_input=False, include_url=False)]
    if problems:
        raise SettingsError(problems)
    return loaded


def _sentence(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    place = "_".join(str(part) for part in detail["loc"][:1]).upper()
    return f"{place}: {message}" if place else message
