"""X-Twilio-Signature as Twilio documents it. Written apart from the gateway's verifier, so that one checks the other.

Twilio docs, "Webhooks security": base64 of HMAC-SHA1, keyed with the auth token, over the full URL followed by name and
value of every form parameter in the order of the names. Other bodies are covered by a `bodySHA256` query parameter.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

Pairs = Iterable[tuple[str, str]]


def sign(url: str, parameters: Pairs, token: str) -> str:
    """The signature. A name with several values counts once with each, in the order of the values."""
    message = url + "".join(name + value for name, value in sorted(set(parameters)))
    digest = hmac.new(token.encode(), message.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def with_body_hash(url: str, body: bytes) -> str:
    """The URL that Twilio requests with a body that is not a form."""
    return f"{url}{'&' if '?' in url else '?'}bodySHA256={hashlib.sha256(body).hexdigest()}"


def signed_url(url: str, *, voice: bool) -> str:
    """What Twilio signs of a URL: no credentials, no fragment, and for voice over HTTPS no port."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if voice and parts.scheme == "https" and parts.port is not None:
        host = host.removesuffix(f":{parts.port}")
    return urlunsplit(parts._replace(netloc=host, fragment=""))
