"""Whether Twilio sent a request."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qsl

from gateway.edge.public_url import PublicUrl
from gateway.providers.base import NotAuthentic, RawRequest, VerifiedRequest
from gateway.providers.twilio import forms
from gateway.providers.twilio.signature import is_possible, matches


@dataclass(frozen=True)
class SignatureCheck:
    """Checks X-Twilio-Signature over our public URL with the raw path and query, never over the Host header."""

    tokens: tuple[str, ...] = field(repr=False)
    """Any of them may have signed; with none, nothing is authentic."""
    public_url: PublicUrl

    def verify(self, raw: RawRequest) -> VerifiedRequest:
        """Raises `NotAuthentic`."""
        if not self.tokens:
            raise NotAuthentic("TWILIO_AUTH_TOKEN is not set")
        signature = raw.headers.get("x-twilio-signature")
        if signature is None:
            raise NotAuthentic("not signed")
        if not is_possible(signature):
            raise NotAuthentic("not signed as Twilio does")
        if not _covers_body(raw):
            raise NotAuthentic("the signature does not cover the body")
        urls = self.public_url.signed_forms(raw.path, raw.query)
        if not matches(signature, self.tokens, urls, forms.pairs(raw)):
            raise NotAuthentic("wrong signature: another token, another URL than WEBHOOK_BASE_URL, or altered")
        return VerifiedRequest(raw)


def _covers_body(raw: RawRequest) -> bool:
    """A form is part of what is signed; any other body must be the one whose hash is in the signed URL.

    Twilio docs (webhooks security): bodySHA256 in the query is the lower-case hex SHA-256 of a JSON body.
    """
    if forms.is_form(raw):
        return True
    claimed = next((value for name, value in parse_qsl(raw.query) if name == "bodySHA256"), None)
    if claimed is None:
        return not raw.body
    return hmac.compare_digest(sha256(raw.body).hexdigest().encode(), claimed.encode("utf-8", "replace"))
