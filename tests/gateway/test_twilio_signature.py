"""Our verifier against Twilio's published and recomputed vectors, and against Twilio's own library."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.public_url import PublicUrl
from gateway.edge.urlencoded import Form
from gateway.providers.base import NotAuthentic, Proof, RawRequest
from gateway.providers.twilio.credentials import Credentials, Secret
from gateway.providers.twilio.signature import sign, signer
from gateway.providers.twilio.verify import SignatureCheck
from support.gateway import sdk_accepts

TOKEN = "12345"
FORM = "application/x-www-form-urlencoded"
VECTORS = json.loads((Path(__file__).parent / "twilio_signatures.json").read_text())

scalars = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(st.sampled_from(["Body", "From", "Digits", "A", ""]) | scalars, scalars), max_size=6)
bases = st.sampled_from(
    [
        "https://gw.example.org",
        "https://gw.example.org:8443",
        "https://gw.example.org:443",
        "http://gw.example.org",
        "http://gw.example.org:80",
        "https://GW.example.org/frontdesk",
    ]
)
paths = st.text("abc/%2F.-_~", max_size=12).map(lambda path: "/" + path)
queries = st.text("ab12=&%+;.?/", max_size=16)


def request(path: str, query: str, body: bytes, media_type: str, signature: str) -> RawRequest:
    return RawRequest(
        path=path,
        query=query,
        headers={"content-type": media_type, "x-twilio-signature": signature},
        body=body,
        client=None,
        received_at=datetime(2026, 9, 7, tzinfo=UTC),
        traceparent="",
    )


def accepts(raw: RawRequest, base: str, tokens: tuple[str, ...] = (TOKEN,)) -> bool:
    try:
        held = Credentials(account=tuple(Secret(token, Proof.PRIMARY) for token in tokens))
        return SignatureCheck(held, PublicUrl.parse(base)).verify(raw).raw == raw
    except NotAuthentic:
        return False


def base_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def vector_request(vector: dict[str, Any], signature: str) -> RawRequest:
    parts = urlsplit(vector["url"])
    if "body" in vector:
        return request(parts.path, parts.query, vector["body"].encode(), "application/json", signature)
    return request(
        parts.path, parts.query, urlencode([(name, value) for name, value in vector["form"]]).encode(), FORM, signature
    )


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_known_signatures_are_accepted_and_no_others(vector: dict[str, Any]) -> None:
    base = base_of(vector["url"])
    for signature in vector["signatures"]:
        assert accepts(vector_request(vector, signature), base)
        assert not accepts(vector_request(vector, signature), base, ("another token",))
        assert not accepts(vector_request(vector, signature), "https://elsewhere.example.org")
        assert not accepts(vector_request(vector, signature[:-2] + "x="), base)


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("wss://gw.example.org/ws/relay", "Bk+F6P6nDT43nq0DQaiQxcRc0Sg="),
        ("wss://gw.example.org/ws/relay/", "Ng28trrxoJoAiVvckTpEiVNo3Iw="),
    ],
)
def test_a_websocket_handshake_is_signed_over_its_wss_url_with_or_without_a_slash(url: str, signature: str) -> None:
    assert sign(TOKEN, url, []) == signature
    forms = PublicUrl.parse("https://gw.example.org").websocket_forms("/ws/relay", "")
    secret = Secret(TOKEN, Proof.PRIMARY)
    assert signer(signature, [Secret("another", Proof.NEXT), secret], forms, Form({})) is secret
    assert sdk_accepts(TOKEN, url, [], signature)
    assert (
        signer(signature, [secret], PublicUrl.parse("http://gw.example.org").websocket_forms("/ws/relay", ""), Form({}))
        is None
    )


@given(base=bases, path=paths, query=queries, form=st.integers(0, 1))
def test_every_websocket_signature_that_the_official_library_accepts_is_accepted(
    base: str, path: str, query: str, form: int
) -> None:
    url = base.replace("http", "ws", 1) + path + (f"?{query}" if query else "")
    forms = PublicUrl.parse(base).websocket_forms(path, query)
    signature = sign(TOKEN, forms[form], [])
    assert sdk_accepts(TOKEN, url, [], signature)
    assert signer(signature, [Secret(TOKEN, Proof.PRIMARY)], forms, Form({})) is not None


def test_a_signature_made_with_a_shared_key_is_not_one_of_ours() -> None:
    hmac_sha256 = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="
    assert not accepts(vector_request(VECTORS[0], hmac_sha256), base_of(VECTORS[0]["url"]))


@given(base=bases, path=paths, query=queries, form=forms, port_form=st.integers(0, 1), forged=st.booleans())
def test_the_official_library_says_the_same_of_every_form(
    base: str, path: str, query: str, form: list[tuple[str, str]], port_form: int, forged: bool
) -> None:
    signed_url = PublicUrl.parse(base).signed_forms(path, query)[port_form]
    signature = sign("a guess" if forged else TOKEN, signed_url, form)
    raw = request(path, query, urlencode(form).encode(), FORM, signature)
    url = base + path + (f"?{query}" if query else "")
    assert accepts(raw, base) == sdk_accepts(TOKEN, url, form, signature) == (not forged)


@given(base=bases, path=paths, query=queries, body=scalars, hashed=st.none() | scalars, forged=st.booleans())
def test_the_official_library_says_the_same_of_every_json_body(
    base: str, path: str, query: str, body: str, hashed: str | None, forged: bool
) -> None:
    claimed = sha256((body if hashed is None else hashed).encode()).hexdigest()
    query = f"{query}&bodySHA256={claimed}"
    url = f"{base}{path}?{query}"
    signature = sign("a guess" if forged else TOKEN, url, [])
    raw = request(path, query, body.encode(), "application/json", signature)
    assert accepts(raw, base) == sdk_accepts(TOKEN, url, body, signature)


@given(path=st.text(), query=st.text(), body=st.binary(), media_type=st.sampled_from([FORM, "application/json", "é"]),
       signature=st.text())  # fmt: skip
def test_no_request_makes_the_verifier_raise_or_pass_by_chance(
    path: str, query: str, body: bytes, media_type: str, signature: str
) -> None:
    assert not accepts(request(path, query, body, media_type, signature), "https://gw.example.org")


def test_a_body_that_the_signature_does_not_cover_is_refused() -> None:
    signature = sign(TOKEN, "https://gw.example.org/x", [])
    assert accepts(request("/x", "", b"", "", signature), "https://gw.example.org")
    for media_type in ("application/json", "text/plain", "multipart/form-data", ""):
        assert not accepts(request("/x", "", b"{}", media_type, signature), "https://gw.example.org")


def test_bytes_that_are_no_text_are_still_a_form() -> None:
    signature = sign(TOKEN, "https://gw.example.org/x", [("Body", "\ufffd\ufffd")])
    assert accepts(request("/x", "", b"Body=\xff%FE", FORM, signature), "https://gw.example.org")


def test_a_form_has_a_thousand_parameters_at_the_most() -> None:
    for count, expected in ((1_000, True), (1_001, False)):
        form = [(f"P{number}", "") for number in range(count)]
        raw = request("/x", "", urlencode(form).encode(), FORM, sign(TOKEN, "https://gw.example.org/x", form))
        assert accepts(raw, "https://gw.example.org") == expected


class Unread(bytes):
    """A body that must not be looked at."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("signature", ["", "x", "A" * 28, "A" * 27 + "=\n", "é" * 27 + "=", "A" * 4_000 + "="])
def test_what_cannot_be_a_signature_is_refused_before_the_body_is_read(signature: str) -> None:
    assert not accepts(request("/x", "", Unread(b"a=b"), FORM, signature), "https://gw.example.org")


def test_a_guessed_signature_under_a_huge_form_costs_next_to_nothing() -> None:
    names = "&".join(f"{number:x}" for number in range(48_000)).encode()
    raws = [request("/x", "", body, FORM, "A" * 27 + "=") for body in (names, b"a=" + b"x" * 256 * 1024)]
    started = process_time()
    for _ in range(10):
        assert not any(accepts(raw, "https://gw.example.org", (TOKEN, "next")) for raw in raws)
    assert process_time() - started < 0.5


def test_either_token_is_accepted_while_one_is_being_rotated() -> None:
    raw = vector_request(VECTORS[0], VECTORS[0]["signatures"][0])
    base = base_of(VECTORS[0]["url"])
    assert accepts(raw, base, ("old", TOKEN))
    assert accepts(raw, base, (TOKEN, "next"))
    assert not accepts(raw, base, ())
