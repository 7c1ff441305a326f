"""Settings from the environment, checked as a whole before a service does anything."""

import os
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.environment import misspelt

SettingsT = TypeVar("SettingsT", bound="ServiceSettings")


class SettingsError(ValueError):
    """Settings that cannot work. One sentence per variable, which it names; never a value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class ServiceSettings(BaseSettings):
    """What every service can be told. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged")
    log_format: Literal["json", "console"] = Field("json", description="Log lines for machines or for people")
    nats_url: SecretStr = Field(
        SecretStr("nats://127.0.0.1:4222"),
        description="NATS server, with user and password in the URL; `make run` starts one when unset",
    )
    nats_creds: Path | None = Field(None, description="NATS credentials file, instead of a user in the URL")
    ops_host: str = Field("127.0.0.1", description="Address the health and metrics ports listen on")

    @model_validator(mode="after")
    def _one_nats_identity(self) -> Self:
        if self.nats_creds and "@" in self.nats_url.get_secret_value():
            raise ValueError("NATS_CREDS and a user in NATS_URL contradict each other: set one")
        return self

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


def load(settings: type[SettingsT]) -> SettingsT:
    """Read `settings` from the environment. Raises `SettingsError` naming every variable that is wrong or misspelt."""
    problems = misspelt(os.environ)
    try:
        loaded = settings()
    except ValidationError as error:
        problems += [_sentence(detail) for detail in error.errors(include_input=False, include_url=False)]
    if problems:
        raise SettingsError(problems)
    return loaded


def _sentence(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    place = "_".join(str(part) for part in detail["loc"][:1]).upper()
    return f"{place}: {message}" if place else message
