"""Whether VoIP.ms sent a request. It signs nothing, so an address list, a secret in the URL, or both must do."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis import logs
from chassis.client_address import Address, Network, within
from gateway.providers.base import NotAuthentic, Proof, RawRequest, Refusal, VerifiedRequest
from gateway.providers.voipms.fields import TOKEN, TooManyParameters, query_pairs

log = logs.get(__name__)

_REMEMBERED = 1_000
"""Unlisted addresses that are reported once each; more are still counted, and named in the request log."""


@dataclass(frozen=True)
class SenderCheck:
    """Everything that is configured must hold; with nothing configured, nothing is authentic."""

    networks: tuple[Network, ...]
    token: str | None = field(repr=False)
    observe: bool = False
    """The address is only reported, so that operators learn where VoIP.ms sends from; the token decides."""
    _reported: set[Address] = field(default_factory=set, init=False, compare=False)

    def verify(self, raw: RawRequest) -> VerifiedRequest:
        """Raises `NotAuthentic`."""
        if not self.networks and not self.token:
            raise NotAuthentic(Refusal.NOT_CONFIGURED, "neither VOIPMS_ALLOWED_IPS nor VOIPMS_WEBHOOK_TOKEN is set")
        listed = self.lists(raw.client)
        if self.networks and not listed and not self.observe:
            raise NotAuthentic(Refusal.WRONG_ADDRESS, "address not in VOIPMS_ALLOWED_IPS")
        if self.token and not _carries(raw.query, self.token):
            raise NotAuthentic(Refusal.WRONG_TOKEN, "token missing, repeated or wrong")
        if self.observe and not listed:
            self._report(raw.client)
            return VerifiedRequest(raw, Proof.UNLISTED_ADDRESS_AND_TOKEN)
        if listed:
            return VerifiedRequest(raw, Proof.ADDRESS_AND_TOKEN if self.token else Proof.ADDRESS)
        return VerifiedRequest(raw, Proof.TOKEN)

    def may_prove_itself(self, _: Mapping[str, str], client: Address | None) -> bool:
        """Only from a listed address: elsewhere, whoever fails again and again is guessing the token."""
        return self.lists(client)

    def lists(self, client: Address | None) -> bool:
        """Whether the address is on the list."""
        return client is not None and within(client, self.networks)

    def _report(self, client: Address | None) -> None:
        if client is not None and client not in self._reported and len(self._reported) < _REMEMBERED:
            self._reported.add(client)
            log.warning("an address not in VOIPMS_ALLOWED_IPS sent the right token", address=str(client))


def _carries(query: str, secret: str) -> bool:
    """Whether the query holds exactly one token, and the right one: several would be several guesses at once."""
    try:
        given = [value for name, value in query_pairs(query) if name == TOKEN]
    except TooManyParameters:
        return False
    return len(given) == 1 and hmac.compare_digest(given[0].encode("utf-8", "replace"), secret.encode())
