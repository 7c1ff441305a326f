"""Whether Twilio sent a request."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from chassis.client_address import Address
from gateway.edge.public_url import PublicUrl
from gateway.edge.urlencoded import Form
from gateway.providers.base import NotAuthentic, RawRequest, Refusal, VerifiedRequest
from gateway.providers.twilio import forms
from gateway.providers.twilio.credentials import Credentials, Secret
from gateway.providers.twilio.signature import Signing, is_possible, signer, signing

SIGNATURE = "x-twilio-signature"
SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"


@dataclass(frozen=True)
class SignatureCheck:
    """Checks X-Twilio-Signature over our public URL with the raw path and query, never over the Host header."""

    credentials: Credentials
    public_url: PublicUrl

    def verify(self, raw: RawRequest) -> VerifiedRequest:
        """Raises `NotAuthentic`."""
        if self.credentials.none:
            raise NotAuthentic(Refusal.NOT_CONFIGURED, "TWILIO_AUTH_TOKEN is not set")
        signature = raw.headers.get(SIGNATURE)
        if signature is None:
            raise NotAuthentic(Refusal.UNSIGNED, "not signed")
        how = signing(raw.headers.get(SIGNATURE_SETTINGS, ""))
        if how is None:
            raise NotAuthentic(Refusal.UNKNOWN_ALGORITHM, "signed with an algorithm other than HMAC_SHA1, HMAC_SHA256")
        if not is_possible(signature, how.algorithm):
            raise NotAuthentic(Refusal.NOT_A_SIGNATURE, "not signed as Twilio does")
        if not _covers_body(raw):
            raise NotAuthentic(Refusal.BODY_NOT_SIGNED, "the signature does not cover the body")
        form = forms.form(raw)
        urls = self.public_url.signed_forms(raw.path, raw.query)
        secret = signer(signature, self._secrets(how, raw, form), urls, form, how.algorithm)
        if secret is None:
            raise NotAuthentic(
                Refusal.WRONG_SIGNATURE,
                "wrong signature: another token (each sub-account has its own), another URL than WEBHOOK_BASE_URL, "
                "or altered",
            )
        return VerifiedRequest(raw, secret.proof)

    def _secrets(self, how: Signing, raw: RawRequest, form: Form) -> tuple[Secret, ...]:
        """Those that count for this request: the sender chooses among them, and cannot widen the choice."""
        if how.key is None and how.algorithm == "sha1":
            return self.credentials.tokens_of(_account_sid(raw, form) if self.credentials.subaccounts else None)
        secret = self.credentials.shared_keys.get(how.key or "")
        if secret is None:
            raise NotAuthentic(Refusal.UNKNOWN_KEY, "signed with a shared key that is not in TWILIO_SHARED_KEYS")
        return (secret,)


def may_prove_itself(headers: Mapping[str, str], _: Address | None) -> bool:
    """Twilio's customers share its addresses: nobody may shut us off from it by sending us failures through it."""
    signature = headers.get(SIGNATURE, "")
    return is_possible(signature) or is_possible(signature, "sha256")


def _account_sid(raw: RawRequest, form: Form) -> str | None:
    """Whose request it claims to be, read as the events will read it: the last one of a repeated name."""
    values = form.values if forms.is_form(raw) else dict(forms.query_pairs(raw))
    return values.get("AccountSid")


def _covers_body(raw: RawRequest) -> bool:
    """A form is part of what is signed; any other body must be the one whose hash is in the signed URL.

    Twilio docs (webhooks security): bodySHA256 in the query is the lower-case hex SHA-256 of a JSON body. Where it is
    repeated the first one counts, as in Twilio's SDKs; where it is blank there is none.
    """
    if forms.is_form(raw):
        return True
    claimed = next((value for name, value in forms.query_pairs(raw) if name == "bodySHA256" and value), None)
    if claimed is None:
        return not raw.body
    return hmac.compare_digest(sha256(raw.body).hexdigest().encode(), claimed.encode("utf-8", "replace"))
