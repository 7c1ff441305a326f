"""Twilio's request signature. Pure, and it never raises, whatever the request holds."""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

from gateway.edge.urlencoded import Form
from gateway.providers.twilio.credentials import Secret

Algorithm = Literal["sha1", "sha256"]

_SIGNATURES = {"sha1": re.compile(r"[A-Za-z0-9+/]{27}="), "sha256": re.compile(r"[A-Za-z0-9+/]{43}=")}
"""Base64 of the 20 or 32 bytes of the HMAC."""

_ALGORITHMS: dict[str, Algorithm] = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


@dataclass(frozen=True)
class Signing:
    """How a request says it is signed: with a shared key, or (`key` is None) with an Auth Token."""

    algorithm: Algorithm = "sha1"
    key: str | None = None


_ORDINARY = Signing()


def signing(settings: str) -> Signing | None:
    """What the header X-Twilio-Webhooks-Signature-Settings says; None for an algorithm that does not exist.

    Twilio docs (webhooks configuration): `key=webhooks_sharedkey_…,algorithm=HMAC_SHA256` with a shared key. Without
    the header, or without an algorithm in it, an Auth Token signed, as ever; so Twilio's SDKs read it.
    """
    if not settings:
        return _ORDINARY
    said: dict[str, str] = {}
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if value.strip():
            said.setdefault(name.strip(), value.strip())
    if "algorithm" not in said:
        return Signing()
    algorithm = _ALGORITHMS.get(said["algorithm"].upper())
    return Signing(algorithm, said.get("key")) if algorithm else None


def is_possible(signature: str, algorithm: Algorithm = "sha1") -> bool:
    """Whether it looks like a signature at all: asked before any work is done for a sender not yet believed."""
    return _SIGNATURES[algorithm].fullmatch(signature) is not None


def sign(secret: str, url: str, pairs: Iterable[tuple[str, str]], algorithm: Algorithm = "sha1") -> str:
    """The signature of a request: base64 of the HMAC over the URL and the decoded form.

    Twilio docs (webhooks security): every name and value is appended to the URL, sorted by name, without separators,
    blank values included. A repeated name contributes each distinct value once, sorted, as in Twilio's SDKs.
    """
    return _signature(secret, _encoded(url) + _signed_form(Form.of(pairs)), algorithm).decode()


def signer(
    signature: str, secrets: Iterable[Secret], urls: Iterable[str], form: Form, algorithm: Algorithm = "sha1"
) -> Secret | None:
    """The one of `secrets` that signed one of `urls`.

    A wrong signature takes as long whatever it is: which secret fitted shows in the time only to who has one.
    """
    given, values = _encoded(signature), _signed_form(form)
    for secret, url in product(secrets, urls):
        what = _encoded(url) + values
        if hmac.compare_digest(_signature(secret.value, what, algorithm), given):
            return secret
    return None


def _signed_form(form: Form) -> bytes:
    if form.repeated:
        return _encoded("".join(name + value for name, value in sorted(set(form.repeated))))
    values = form.values
    layout, in_order = _layout(tuple(values))
    signed = layout[:]
    signed[1::2] = [values[name] for name in in_order]
    return _encoded("".join(signed))


@lru_cache(maxsize=32)
def _layout(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """What is signed, with a gap after each name, and whose value goes into which gap.

    Webhooks of a kind have the same names, in the same order.
    """
    in_order = sorted(names)
    return [text for name in in_order for text in (name, "")], in_order


def _signature(secret: str, signed: bytes, algorithm: Algorithm) -> bytes:
    mac = _keyed(secret, algorithm).copy()
    mac.update(signed)
    return base64.b64encode(mac.digest())


@lru_cache(maxsize=1_000)
def _keyed(secret: str, algorithm: Algorithm) -> hmac.HMAC:
    """Begun with the key, which is the same for all requests: `hmac.digest` looks for the algorithm each time."""
    return hmac.new(secret.encode(), digestmod=algorithm)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
