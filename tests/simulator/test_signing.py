"""The simulator signs as Twilio does: the official validator and published vectors agree."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from simulator.twilio.signing import sign, signed_url, with_body_hash
from support.simulator import AUTH_TOKEN, PATIENT, Gateway, Simulator, simulating

VECTORS = json.loads((Path(__file__).parent / "twilio_signatures.json").read_text())
"""Signatures under the token 12345: of Twilio documentation and SDK, and of realistic webhooks signed by the SDK."""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_signatures_are_reproduced(vector: dict[str, Any]) -> None:
    assert sign(vector["url"], map(tuple, vector["params"]), "12345") == vector["signature"]


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if "body" in vector], ids=lambda vector: vector["name"]
)
def test_a_body_that_is_no_form_is_covered_by_its_hash_in_the_url(vector: dict[str, Any]) -> None:
    plain = re.sub(r"[?&]bodySHA256=.*", "", vector["url"])
    assert with_body_hash(plain, vector["body"].encode()) == vector["url"]


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_the_official_validator_accepts_any_form(form: dict[str, str]) -> None:
    url = "https://gw.example.org:8443/x?a=%20b"
    assert RequestValidator("secret").validate(url, form, sign(url, form.items(), "secret"))


@pytest.mark.parametrize(
    ("url", "voice", "signed"),
    [
        ("https://gw.example.org:8443/voice#rc=3", True, "https://gw.example.org/voice"),
        ("https://gw.example.org:8443/sms#rc=3", False, "https://gw.example.org:8443/sms"),
        ("http://gw.example.org:8080/voice?x=1", True, "http://gw.example.org:8080/voice?x=1"),
        ("https://user:secret@gw.example.org/sms", False, "https://gw.example.org/sms"),
    ],
)
def test_twilio_leaves_parts_of_a_url_out_of_the_signature(url: str, voice: bool, signed: str) -> None:
    assert signed_url(url, voice=voice) == signed


async def test_every_kind_of_webhook_is_signed_for_the_official_validator(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml("/voice/incoming", '<Record action="/voice/done" recordingStatusCallback="/webhooks/twilio/rec"/>')
    gateway.twiml("/voice/done", "<Hangup/>")
    await sim.do("twilio/texts", from_number=PATIENT, message="¿Mañana a las 3? ☺ a&b=c+d %20")
    await sim.do("twilio/texts", from_number=PATIENT, message="", media_urls=["https://example.org/a.png"])
    await sim.do("twilio/texts", from_number=PATIENT, message=" Stop ", opt_out_type="STOP")
    await sim.do("twilio/calls", from_number=PATIENT, recording="silence", progress_events=True)
    assert len(gateway.received) == 10
    assert all(gateway.signed(request) for request in gateway.received)


async def test_the_public_url_is_signed_and_the_real_one_is_called(gateway: Gateway) -> None:
    public = "https://desk.example.org:8443"
    async with simulating(gateway.url, webhook_base_url=public) as sim:
        await sim.do("twilio/texts", from_number=PATIENT, message="hello")
    (request,) = gateway.received
    assert gateway.signed(request, public=public)
    assert not gateway.signed(request)


@pytest.mark.parametrize(
    ("step", "accepted"),
    [
        ({"body": "A=1&B="}, True),
        ({"body": "A=1&B=", "sign": "wrong"}, False),
        ({"body": "A=1&B=", "sign": False}, False),
        ({"body": "A=1", "signed_url": "https://elsewhere.example.org/x"}, False),
        ({"body": '{"a": 1}', "headers": {"Content-Type": "application/json"}}, True),
        ({"method": "GET", "path": "/webhooks/twilio/sms/incoming?Body=a%20b+c&NumMedia=0"}, True),
    ],
)
async def test_raw_webhooks_are_signed_as_asked(
    sim: Simulator, gateway: Gateway, step: dict[str, object], accepted: bool
) -> None:
    await sim.do("webhooks/raw", **{"path": "/webhooks/twilio/sms/incoming", **step})
    (request,) = gateway.received
    assert gateway.signed(request, AUTH_TOKEN) is accepted
