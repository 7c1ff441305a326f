"""Twilio's request signature. Pure, and it never raises, whatever the request holds."""

import base64
import hmac
import re
from collections.abc import Iterable, Sequence

Pairs = Sequence[tuple[str, str]]

_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=")
"""Base64 of the 20 bytes of HMAC-SHA1."""


def is_possible(signature: str) -> bool:
    """Whether it looks like a signature at all: asked before any work is done for a sender not yet believed."""
    return _SIGNATURE.fullmatch(signature) is not None


def sign(token: str, url: str, pairs: Pairs) -> str:
    """The signature of a request: base64 of HMAC-SHA1 over the URL and the decoded form.

    Twilio docs (webhooks security): every name and value is appended to the URL, sorted by name, without separators,
    blank values included. A repeated name contributes each distinct value once, sorted, as in Twilio's SDKs.
    """
    return _signature(token, _encoded(url) + _signed_form(pairs))


def matches(signature: str, tokens: Sequence[str], urls: Iterable[str], pairs: Pairs) -> bool:
    """Whether one of `tokens` signed one of `urls`; every comparison takes the same time, right or wrong."""
    given, form = _encoded(signature), _signed_form(pairs)
    signed = [_encoded(url) + form for url in urls]
    results = [hmac.compare_digest(_signature(token, what).encode(), given) for what in signed for token in tokens]
    return any(results)


def _signed_form(pairs: Pairs) -> bytes:
    return _encoded("".join(name + value for name, value in sorted(set(pairs))))


def _signature(token: str, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(token.encode(), signed, "sha1")).decode()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
