"""Everything the responder can be told by its environment."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from chassis.settings import ServiceSettings
from responder.numbers import Phone, e164
from responder.practice.loading import DEFAULT_FILE


def _is_http(url: str) -> str:
    if not re.fullmatch(r"https?://[^/\s]+\S*", url):
        raise ValueError("is no address starting with https:// or http://")
    return url


HttpUrl = Annotated[str, AfterValidator(_is_http)]


class ResponderSettings(ServiceSettings):
    """Providers' accounts, the practice file, and where Twilio reports deliveries."""

    responder_ops_port: int = Field(9103, ge=0, le=65535, description="Health and metrics of the responder")
    practice_file: Path = Field(
        DEFAULT_FILE,
        description="What the practice says and listens for; when unset and absent, an invented practice answers",
    )
    twilio_account_sid: str | None = Field(None, description="Twilio account that sends replies; needs the auth token")
    twilio_auth_token: SecretStr | None = Field(None, description="Verifies Twilio's webhooks and sends replies")
    twilio_phone_number: Phone | None = Field(None, description="The practice's number at Twilio; never answered")
    twilio_api_url: HttpUrl = Field("https://api.twilio.com", description="Twilio's REST API")
    voipms_username: str | None = Field(None, description="VoIP.ms API user (e-mail); needs VOIPMS_PASSWORD")
    voipms_password: SecretStr | None = Field(None, description="VoIP.ms API password, not the portal's")
    voipms_did: Phone | None = Field(None, description="The practice's number at VoIP.ms; never answered")
    voipms_api_url: HttpUrl = Field("https://voip.ms/api/v1/rest.php", description="VoIP.ms' REST API")
    webhook_base_url: HttpUrl | None = Field(
        None, description="Public address of the gateway; Twilio reports deliveries there when it is set"
    )

    twilio_texts_per_second: float = Field(
        1.0, gt=0, le=1000, description="Texts a second that leave the Twilio number; carriers take 1 from a long code"
    )
    voipms_texts_per_second: float = Field(
        1.0, gt=0, le=1000, description="Texts a second that leave the VoIP.ms number"
    )
    send_fallback: bool = Field(
        True,
        description="What one provider surely did not send leaves by the other, from the practice's number there",
    )
    send_listed_within: float = Field(
        120,
        ge=15,
        le=800,
        description="Seconds after which a text that is missing from a provider's list was surely not sent",
    )

    understanding_api_url: HttpUrl | None = Field(
        None,
        description="OpenAI-compatible API (up to /v1) that is shown texts this machine is unsure of; when unset, no "
        "patient's text leaves it",
    )
    understanding_api_key: SecretStr | None = Field(None, description="Bearer token for UNDERSTANDING_API_URL")
    understanding_model: str | None = Field(None, description="Model to ask at UNDERSTANDING_API_URL")

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if self.twilio_account_sid and not self.twilio_auth_token:
            raise ValueError("TWILIO_AUTH_TOKEN is missing: TWILIO_ACCOUNT_SID is set")
        if self.voipms_username and not self.voipms_password:
            raise ValueError("VOIPMS_PASSWORD is missing: VOIPMS_USERNAME is set")
        if self.voipms_password and not self.voipms_username:
            raise ValueError("VOIPMS_USERNAME is missing: VOIPMS_PASSWORD is set")
        if self.understanding_api_url and not self.understanding_model:
            raise ValueError("UNDERSTANDING_MODEL is missing: UNDERSTANDING_API_URL is set")
        return self

    @property
    def own_numbers(self) -> frozenset[str]:
        """The numbers at the providers, in E.164."""
        return frozenset(self.numbers.values())

    @property
    def numbers(self) -> dict[str, str]:
        """The number at each provider, in E.164, where it is set."""
        written = {"twilio": self.twilio_phone_number, "voipms": self.voipms_did}
        return {provider: number for provider, one in written.items() if one and (number := e164(one))}

    @property
    def texts_per_second(self) -> dict[str, float]:
        """How fast texts leave the number at each provider."""
        return {"twilio": self.twilio_texts_per_second, "voipms": self.voipms_texts_per_second}

    @property
    def status_callback(self) -> str | None:
        """Where Twilio reports what became of a reply."""
        return f"{self.webhook_base_url.rstrip('/')}/webhooks/twilio/sms/status" if self.webhook_base_url else None
