"""What the gateway can be told."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from chassis.settings import ServiceSettings
from gateway.edge.public_url import PublicUrl


def _networks(value: Any) -> Any:
    return (
        tuple(_network(item.strip()) for item in value.split(",") if item.strip()) if isinstance(value, str) else value
    )


def _network(item: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(item)
    except ValueError as error:
        raise ValueError(f"{item!r} is not an address or CIDR range ({error})") from error


def _public_url(value: Any) -> Any:
    return PublicUrl.parse(value) if isinstance(value, str) else value


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
Port = Annotated[int, Field(ge=0, le=65_535)]


class GatewaySettings(ServiceSettings):
    """Settings of the gateway: where it listens, whom it believes, where it writes its request log."""

    gateway_host: str = Field("127.0.0.1", description="Address webhooks are received on")
    gateway_port: Port = Field(3001, description="Port webhooks are received on")
    gateway_ops_port: Port = Field(9101, description="Port of the gateway's /healthz, /readyz and /metrics")
    webhook_base_url: Annotated[PublicUrl | None, NoDecode, BeforeValidator(_public_url)] = Field(
        None,
        description="Public address providers reach us at, e.g. https://example.org or https://example.org/frontdesk. "
        "Twilio's signatures are checked over it, so it must be what the Twilio console says; needed with a token",
    )
    twilio_auth_token: SecretStr | None = Field(
        None, description="Auth Token that Twilio signs webhooks with; without it every Twilio webhook is refused"
    )
    twilio_auth_token_next: SecretStr | None = Field(
        None, description="A second accepted Auth Token, while one is being rotated"
    )
    voipms_allowed_ips: Networks = Field(
        (),
        description="Addresses and CIDR ranges VoIP.ms webhooks may come from, comma separated. VoIP.ms does not "
        "publish them: learn them from a test message. With neither this nor a token all are refused",
    )
    voipms_webhook_token: SecretStr | None = Field(
        None, description="Secret that VoIP.ms webhook URLs must carry as ?token=; with an address list, both must hold"
    )
    voipms_did: str | None = Field(None, description="The practice's VoIP.ms number: tells a CDR's direction")
    voipms_timezone: ZoneInfo = Field(
        ZoneInfo("America/New_York"), description="Time zone of VoIP.ms' dates, which carry none"
    )
    trusted_proxies: Networks = Field(
        (), description="Addresses and CIDR ranges whose X-Forwarded-For is believed, comma separated"
    )
    webhook_log_file: Path = Field(
        Path("logs/webhook.log"), description="Request log: one masked JSON line per webhook; rotates at 10 MB"
    )

    @model_validator(mode="after")
    def _signatures_can_be_checked(self) -> Self:
        if self.twilio_auth_token_next and not self.twilio_auth_token:
            raise ValueError("TWILIO_AUTH_TOKEN_NEXT is set without TWILIO_AUTH_TOKEN: set both, or only the latter")
        if self.twilio_auth_token and not self.webhook_base_url:
            raise ValueError("WEBHOOK_BASE_URL is needed with TWILIO_AUTH_TOKEN: signatures are checked over it")
        return self

    @property
    def public_url(self) -> PublicUrl:
        """What absolute URLs in our answers start with; where we listen when nothing else is configured."""
        return self.webhook_base_url or PublicUrl("http", self.gateway_host, self.gateway_port)

    @property
    def twilio_auth_tokens(self) -> tuple[str, ...]:
        """Every token a signature may be made with."""
        tokens = (self.twilio_auth_token, self.twilio_auth_token_next)
        return tuple(token.get_secret_value() for token in tokens if token)
