"""The Twilio account that is simulated: how its requests look and what its ids are."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from simulator.addresses import Addresses
from simulator.twilio.signing import sign, signed_url
from simulator.webhook import Webhook

API_VERSION = "2010-04-01"
FORM = "application/x-www-form-urlencoded"
_CONNECT_RETRIES = 1
"""Twilio docs, "Connection overrides": by default one retry, and only when the connection fails."""


@dataclass(frozen=True)
class Account:
    """Credentials, number, and the two places: our services' (`addresses`) and this API's (`api_url`)."""

    sid: str
    token: str
    number: str
    addresses: Addresses
    api_url: str

    def resource(self, path: str) -> str:
        """Absolute URL of a resource of this account."""
        return f"{self.api_url}/{API_VERSION}/Accounts/{self.sid}/{path}"

    def webhook(
        self, kind: str, about: str, url: str, parameters: Mapping[str, str], *, method: str = "POST"
    ) -> Webhook:
        """A signed webhook. With GET, Twilio adds its parameters after those that are in the URL already."""
        body = b""
        headers = {"User-Agent": "TwilioProxy/1.1", "I-Twilio-Idempotency-Token": str(uuid.uuid4()), "Accept": "*/*"}
        url = _without_overrides(url)
        signed: Mapping[str, str] = {}
        if method == "GET":
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
        else:
            signed = parameters
            body = urlencode(parameters).encode()
            headers["Content-Type"] = f"{FORM}; charset=UTF-8"
        voice = kind.startswith(("twilio.voice", "twilio.recording"))
        headers["X-Twilio-Signature"] = sign(signed_url(url, voice=voice), signed.items(), self.token)
        return Webhook(kind, about, method, url, headers, body, connect_retries=_CONNECT_RETRIES)


def _without_overrides(url: str) -> str:
    """Connection overrides such as `#rc=3` steer Twilio and are not sent."""
    return urlunsplit(urlsplit(url)._replace(fragment="")) if "#" in url else url
