"""Whether VoIP.ms sent a request. It signs nothing, so an address list, a secret in the URL, or both must do."""

import hmac
from dataclasses import dataclass, field

from gateway.edge.client_address import Network, within
from gateway.providers.base import NotAuthentic, RawRequest, VerifiedRequest
from gateway.providers.voipms.fields import TOKEN, query_fields


@dataclass(frozen=True)
class SenderCheck:
    """Everything that is configured must hold; with nothing configured, nothing is authentic."""

    networks: tuple[Network, ...]
    token: str | None = field(repr=False)

    def verify(self, raw: RawRequest) -> VerifiedRequest:
        """Raises `NotAuthentic`."""
        if not self.networks and not self.token:
            raise NotAuthentic("neither VOIPMS_ALLOWED_IPS nor VOIPMS_WEBHOOK_TOKEN is set")
        if self.networks and (raw.client is None or not within(raw.client, self.networks)):
            raise NotAuthentic("address not in VOIPMS_ALLOWED_IPS")
        if self.token and not _same(query_fields(raw.query).get(TOKEN, ""), self.token):
            raise NotAuthentic("token missing or wrong")
        return VerifiedRequest(raw)


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
