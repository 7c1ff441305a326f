"""Who is believed: recorded raw requests, sent over a socket to the server that is deployed.

Every `authenticity/*.json` holds the settings of a gateway and, in order, the requests it meets: their lines, joined by
CRLF, one character for each byte. `because` is what the metrics say made the gateway believe or refuse. Signatures were
made with Twilio's own library, and where `official` is set, that library is asked about every request once more.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from prometheus_client import Counter

from chassis import tally
from chassis.bus import Bus
from gateway.metrics import REFUSED, VERIFIED, WEBHOOKS
from gateway.providers import PROVIDERS, twilio
from gateway.providers.base import Parsed, Proof, Provider, Webhook
from gateway.providers.twilio.reply import NOTED
from gateway.settings import GatewaySettings
from support.gateway import Gateway, sdk_accepts, serving

TABLES = sorted((Path(__file__).parent / "authenticity").glob("*.json"))
FORM = "application/x-www-form-urlencoded"


def elsewhere(settings: GatewaySettings) -> Provider:
    """Twilio at the addresses that its published examples were signed for."""
    real = twilio.provider(settings)
    paths = ("/myapp.php", "/x", *(f"/webhooks/twilio/{name}" for name in ("sms", "voice", "recording", "events")))
    return Provider(
        name="twilio",
        verify=real.verify,
        read=real.read,
        may_prove_itself=real.may_prove_itself,
        webhooks=tuple(
            Webhook(path, lambda _: Parsed(ignored="an example"), NOTED, methods=("GET", "POST"))
            for path in (*paths, "/webhooks/twilio/voice/gather")
        ),
    )


def counted(counter: Counter) -> dict[str, float]:
    """The counter's value for each of its last labels: outcome, reason or proof."""
    values: dict[str, float] = {}
    tally.flush()
    for metric in counter.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total"):
                label = sample.labels[counter._labelnames[-1]]
                values[label] = values.get(label, 0) + sample.value
    return values


def risen(before: dict[str, float], after: dict[str, float]) -> str | None:
    names = [name for name, value in after.items() if value > before.get(name, 0)]
    assert len(names) <= 1, names
    return names[0] if names else None


async def met(gateway: Gateway, case: dict[str, Any]) -> dict[str, Any]:
    outcomes, reasons = counted(WEBHOOKS), counted(REFUSED) | counted(VERIFIED)
    status, _, _ = await gateway.exchange("\r\n".join(case["request"]).encode("latin-1"))
    return {
        "status": status,
        "outcome": risen(outcomes, counted(WEBHOOKS)),
        "because": risen(reasons, counted(REFUSED) | counted(VERIFIED)),
    }


def official_verdict(settings: dict[str, str], lines: list[str]) -> bool:
    """Whether Twilio's library accepts the request with one of the tokens."""
    blank = lines.index("")
    headers: dict[str, str] = {}
    for line in lines[1:blank]:
        name, _, value = line.partition(":")
        headers[name.lower()] = (
            f"{headers[name.lower()]}, {value.strip()}" if name.lower() in headers else value.strip()
        )
    body = "\r\n".join(lines[blank + 1 :])
    if "transfer-encoding" in headers:
        body = "".join(lines[blank + 2])
    data = body.encode("latin-1")
    if headers.get("content-type", "").lower().startswith(FORM):
        content: Any = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    else:
        content = data.decode("utf-8", "surrogateescape") if data else []
    url = settings["WEBHOOK_BASE_URL"] + lines[0].split(" ")[1]
    tokens = [settings[name] for name in ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_NEXT") if name in settings]
    try:
        return any(sdk_accepts(token, url, content, headers.get("x-twilio-signature", "")) for token in tokens)
    except TypeError:  # what it does with a body that is no form, when the URL holds no hash
        return False


@pytest.fixture
async def table(
    request: pytest.FixtureRequest, bus: Bus, tmp_path: Path
) -> AsyncIterator[tuple[dict[str, Any], Gateway]]:
    recorded = json.loads(request.param.read_text())
    configured = GatewaySettings.model_validate({name.lower(): value for name, value in recorded["settings"].items()})
    async with serving(bus, tmp_path / "webhook.log", configured, providers=(*PROVIDERS, elsewhere)) as gateway:
        yield recorded, gateway


@pytest.mark.parametrize("table", TABLES, ids=[file.stem for file in TABLES], indirect=True)
async def test_every_recorded_request_is_believed_or_refused_for_the_recorded_reason(
    table: tuple[dict[str, Any], Gateway],
) -> None:
    recorded, gateway = table
    expected = {
        case["name"]: {key: case[key] for key in ("status", "outcome", "because")} for case in recorded["cases"]
    }
    assert {case["name"]: await met(gateway, case) for case in recorded["cases"]} == expected


UNASKED = {
    "bytes that are no text",  # the library takes JSON as text only
    "more parameters than anybody sends",  # the library would read them
}
OFFICIAL = [table for table in (json.loads(file.read_text()) for file in TABLES) if table.get("official")]


def test_the_official_library_says_the_same_of_every_recorded_request() -> None:
    ours, theirs = {}, {}
    for table in OFFICIAL:
        for case in table["cases"]:
            if case["name"] not in UNASKED:
                name = f"{table['settings']['WEBHOOK_BASE_URL']}: {case['name']}"
                ours[name] = case["because"] in list(Proof)
                theirs[name] = official_verdict(table["settings"], case["request"])
    assert len(ours) > 100
    assert theirs == ours
