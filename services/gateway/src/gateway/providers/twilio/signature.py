"""Twilio's request signature. Pure, and it never raises, whatever the request holds."""

import base64
import hmac
from collections.abc import Iterable, Sequence

Pairs = Sequence[tuple[str, str]]


def sign(token: str, url: str, pairs: Pairs) -> str:
    """The signature of a request: base64 of HMAC-SHA1 over the URL and the decoded form.

    Twilio docs (webhooks security): every name and value is appended to the URL, sorted by name, without separators,
    blank values included. A repeated name contributes each distinct value once, sorted, as in Twilio's SDKs.
    """
    form = "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.digest(token.encode(), (url + form).encode("utf-8", "replace"), "sha1")
    return base64.b64encode(digest).decode()


def matches(signature: str, tokens: Iterable[str], urls: Iterable[str], pairs: Pairs) -> bool:
    """Whether one of `tokens` signed one of `urls`; every comparison takes the same time, right or wrong."""
    urls, given = tuple(urls), signature.encode("utf-8", "replace")
    results = [hmac.compare_digest(sign(token, url, pairs).encode(), given) for token in tokens for url in urls]
    return any(results)
