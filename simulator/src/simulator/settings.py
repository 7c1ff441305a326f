"""What the simulator can be told, from the environment."""

import os
import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(ValueError):
    """Settings that cannot work. One sentence per variable, which it names; never a value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https URL with a host")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must have no credentials, query or fragment")
    return value.rstrip("/")


def _did(value: str) -> str:
    digits = re.sub(r"^\+?1(?=\d{10}$)", "", value)
    if not re.fullmatch(r"\d{10}", digits):
        raise ValueError("must be a ten-digit North American number")
    return digits


BaseUrl = Annotated[str, AfterValidator(_base_url)]
Secret = Annotated[SecretStr, Field(min_length=1)]


class Settings(BaseSettings):
    """Both providers' accounts as our services know them, and where our services are."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    simulator_host: str = Field("127.0.0.1", description="Address to listen on")
    simulator_port: int = Field(0, ge=0, le=65535, description="Port to listen on; 0 picks a free one")
    simulator_base_url: BaseUrl | None = Field(None, description="Where services reach it; where it listens when unset")
    twilio_account_sid: Annotated[str, StringConstraints(pattern=r"^AC[0-9a-zA-Z]{32}$")] = Field(
        description="The Twilio account: AC and 32 characters"
    )
    twilio_auth_token: Secret = Field(description="Signs Twilio webhooks; password of its REST API")
    twilio_phone_number: Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")] = Field(
        description="The practice's Twilio number, E.164"
    )
    voipms_username: str = Field(min_length=1, description="User of the VoIP.ms API")
    voipms_password: Secret = Field(description="Password of the VoIP.ms API")
    voipms_did: Annotated[str, AfterValidator(_did)] = Field(description="The practice's VoIP.ms number")
    voipms_account: str = Field("100000_frontdesk", min_length=1, description="VoIP.ms account that has the recordings")
    voipms_webhook_token: SecretStr = Field(SecretStr(""), description="Sent as ?token= with VoIP.ms webhooks")
    webhook_base_url: BaseUrl = Field(description="Public URL of the gateway: what Twilio signs")
    gateway_url: BaseUrl | None = Field(None, description="Where webhooks really go; WEBHOOK_BASE_URL when unset")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged")

    @property
    def gateway(self) -> str:
        """Where webhooks really go."""
        return self.gateway_url or self.webhook_base_url

    @classmethod
    def load(cls) -> Self:
        """Read the environment. Raises `SettingsError` naming every variable that is wrong or missing."""
        try:
            return cls(_secrets_dir=os.environ.get("SECRETS_DIR") or None)
        except ValidationError as error:
            details = error.errors(include_input=False, include_url=False)
            raise SettingsError([_sentence(detail["loc"], detail["msg"]) for detail in details]) from None


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    return f"{str(place[0]).upper()}: {message.removeprefix('Value error, ')}"
