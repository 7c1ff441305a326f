"""What the gateway can be told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from limits import RateLimitItem, RateLimitItemPerMinute
from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, SecretStr, model_validator
from pydantic_settings import NoDecode

from chassis.client_address import Networks
from chassis.settings import ServiceSettings
from gateway.edge.public_url import PublicUrl
from gateway.edge.throttle import rate, storage


def _public_url(value: Any) -> Any:
    return PublicUrl.parse(value) if isinstance(value, str) else value


def _named_secrets(name: str, shape: str) -> Callable[[SecretStr | None], SecretStr | None]:
    entry = re.compile(rf"{name}:[^\s,]+")

    def check(value: SecretStr | None) -> SecretStr | None:
        for number, item in enumerate(_entries(value), 1):
            if not entry.fullmatch(item):
                raise ValueError(f"entry {number} is not {shape}; entries are separated by commas")
        return value

    return check


def _entries(value: SecretStr | None) -> list[str]:
    return [item.strip() for item in value.get_secret_value().split(",") if item.strip()] if value else []


def _by_name(value: SecretStr | None) -> tuple[tuple[str, SecretStr], ...]:
    pairs = (item.partition(":") for item in _entries(value))
    return tuple((name, SecretStr(secret)) for name, _, secret in pairs)


def _storage_url(value: SecretStr | None) -> SecretStr | None:
    if value:
        storage(value.get_secret_value())
    return value


def _rate(value: Any) -> Any:
    return rate(value) if isinstance(value, str) else value


AccountTokens = Annotated[SecretStr | None, AfterValidator(_named_secrets("AC[0-9A-Za-z]+", "AccountSid:token"))]
SharedKeys = Annotated[SecretStr | None, AfterValidator(_named_secrets("[0-9A-Za-z_-]+", "key:secret"))]
StorageUrl = Annotated[SecretStr | None, AfterValidator(_storage_url)]
Limit = Annotated[InstanceOf[RateLimitItem] | None, NoDecode, BeforeValidator(_rate)]
Port = Annotated[int, Field(ge=0, le=65_535)]


class GatewaySettings(ServiceSettings):
    """Settings of the gateway: where it listens, whom it believes, where it writes its request log."""

    gateway_host: str = Field("127.0.0.1", description="Address webhooks are received on")
    gateway_port: Port = Field(3001, description="Port webhooks are received on")
    gateway_ops_port: Port = Field(9101, description="Port of the gateway's /healthz, /readyz and /metrics")
    gateway_workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Processes that serve the port together: one for each core that is to be used"
    )
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
    twilio_subaccount_tokens: AccountTokens = Field(
        None,
        description="Auth Tokens of sub-accounts, AccountSid:token, comma separated; two for one AccountSid while it "
        "is being rotated. Requests of these accounts are not accepted with TWILIO_AUTH_TOKEN",
    )
    twilio_shared_keys: SharedKeys = Field(
        None, description="Twilio's shared keys (HMAC-SHA256), webhooks_sharedkey_…:secret, comma separated"
    )
    voipms_allowed_ips: Networks = Field(
        (),
        description="Addresses and CIDR ranges VoIP.ms webhooks may come from, comma separated. VoIP.ms does not "
        "publish them: VOIPMS_ADDRESS_CHECK=observe reports them. With neither this nor a token all are refused",
    )
    voipms_webhook_token: SecretStr | None = Field(
        None, description="Secret that VoIP.ms webhook URLs must carry as ?token=; with an address list, both must hold"
    )
    voipms_address_check: Literal["enforce", "observe"] = Field(
        "enforce",
        description="`observe` accepts the right token from any address and reports those not in VOIPMS_ALLOWED_IPS; "
        "needs VOIPMS_WEBHOOK_TOKEN",
    )
    voipms_did: str | None = Field(None, description="The practice's VoIP.ms number: tells a CDR's direction")
    voipms_timezone: ZoneInfo = Field(
        ZoneInfo("America/New_York"), description="Time zone of VoIP.ms' dates, which carry none"
    )
    trusted_proxies: Networks = Field(
        (), description="Addresses and CIDR ranges whose X-Forwarded-For is believed, comma separated"
    )
    rate_limit_failures: Limit = Field(
        RateLimitItemPerMinute(600),
        description="Refused or unfinished requests of one address (IPv6: /64) before it is answered 429, such as "
        "`600/minute`; `off` for no limit",
    )
    rate_limit_verified: Limit = Field(
        RateLimitItemPerMinute(1_000_000),
        description="Verified requests of one provider that a gateway process takes, such as `1000000/minute`; `off` "
        "for no limit. A safety valve: what it refuses, Twilio does not send again",
    )
    rate_limit_storage_url: StorageUrl = Field(
        None,
        description="Where gateways count failures together, e.g. redis://HOST:6379; each counts for itself when unset",
    )
    webhook_log_file: Path = Field(
        Path("logs/webhook.log"), description="Request log: one masked JSON line per webhook; rotates at 10 MB"
    )

    spool_dir: Path = Field(
        Path("spool"),
        description="Where the gateway keeps events while NATS is away: a local disk (no network file system), shared "
        "only by gateways of this machine; with `make run` below DATA_DIR",
    )
    spool_max_mb: int = Field(
        1000,
        ge=1,
        description="Size of the spool in MB at which webhooks are answered 503 and the gateway is no longer ready; "
        "1000 are about half a million events",
    )

    @model_validator(mode="after")
    def _signatures_can_be_checked(self) -> Self:
        if self.twilio_auth_token_next and not self.twilio_auth_token:
            raise ValueError("TWILIO_AUTH_TOKEN_NEXT is set without TWILIO_AUTH_TOKEN: set both, or only the latter")
        for name in ("twilio_auth_token", "twilio_subaccount_tokens", "twilio_shared_keys"):
            if getattr(self, name) and not self.webhook_base_url:
                raise ValueError(f"WEBHOOK_BASE_URL is needed with {name.upper()}: signatures are checked over it")
        return self

    @model_validator(mode="after")
    def _observing_needs_a_token(self) -> Self:
        if self.voipms_address_check == "observe" and not self.voipms_webhook_token:
            raise ValueError("VOIPMS_ADDRESS_CHECK=observe needs VOIPMS_WEBHOOK_TOKEN: else anybody would be accepted")
        return self

    @property
    def public_url(self) -> PublicUrl:
        """What absolute URLs in our answers start with; where we listen when nothing else is configured."""
        return self.webhook_base_url or PublicUrl("http", self.gateway_host, self.gateway_port)

    @property
    def subaccounts(self) -> tuple[tuple[str, SecretStr], ...]:
        """AccountSid and Auth Token of every sub-account; an AccountSid may be there twice."""
        return _by_name(self.twilio_subaccount_tokens)

    @property
    def shared_keys(self) -> tuple[tuple[str, SecretStr], ...]:
        """Id and secret of every shared key."""
        return _by_name(self.twilio_shared_keys)
