"""Settings from the environment, checked as a whole before a service does anything."""

import os
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


def load(settings: type[LoadedT], **given: Any) -> LoadedT:
    """Read `settings` from the environment, but for what is `given`.

    Raises `SettingsError` naming every variable that is wrong or misspelt.
    """
    problems = misspelt(os.environ)
    try:
        loaded = settings(**given)
    except ValidationError as error:
        problems += [_sentence(detail) for detail in error.errors(include_input=False, include_url=False)]
    if problems:
        raise SettingsError(problems)
    return loaded


def _sentence(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    place = "_".join(str(part) for part in detail["loc"][:1]).upper()
    return f"{place}: {message}" if place else message
