"""Everything the responder can be told by its environment."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from chassis.settings import ServiceSettings
from responder.numbers import Phone, all_e164
from responder.practice import DEFAULT_FILE


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

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if self.twilio_account_sid and not self.twilio_auth_token:
            raise ValueError("TWILIO_AUTH_TOKEN is missing: TWILIO_ACCOUNT_SID is set")
        if self.voipms_username and not self.voipms_password:
            raise ValueError("VOIPMS_PASSWORD is missing: VOIPMS_USERNAME is set")
        if self.voipms_password and not self.voipms_username:
            raise ValueError("VOIPMS_USERNAME is missing: VOIPMS_PASSWORD is set")
        return self

    @property
    def own_numbers(self) -> frozenset[str]:
        """The numbers at the providers, in E.164."""
        return all_e164((self.twilio_phone_number, self.voipms_did))

    @property
    def status_callback(self) -> str | None:
        """Where Twilio reports what became of a reply."""
        return f"{self.webhook_base_url.rstrip('/')}/webhooks/twilio/sms/status" if self.webhook_base_url else None
