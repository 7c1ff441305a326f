"""Webhooks of VoIP.ms: forms, secret, and the retry until `ok`."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.responses import Response

from support.simulator import DID, PATIENT, VOIPMS_ACCOUNT, VOIPMS_TOKEN, Gateway, Simulator

TEMPLATE = "/api/voip/sms/webhook"
JSON = "/webhooks/voipms/sms/incoming"


def query(target: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query, keep_blank_values=True).items()}


async def test_the_template_is_filled_into_a_get(sim: Simulator, gateway: Gateway) -> None:
    media = ["https://voip.ms/media/a.png", "https://voip.ms/media/b.png"]
    sent = await sim.do("voipms/texts", from_number=PATIENT, message="Where & when? ☺", media_urls=media)
    (request,) = gateway.received
    assert (request.method, request.path) == ("GET", TEMPLATE)
    found = query(request.target)
    assert found.pop("date")[4] == "-"
    assert found == {
        "to": DID,
        "from": "2125550123",
        "message": "Where & when? ☺",
        "id": sent["message_sid"],
        "media": ",".join(media),
        "token": VOIPMS_TOKEN,
    }
    assert VOIPMS_TOKEN not in json.dumps(await sim.webhooks())


async def test_a_template_may_use_semicolons_and_unknown_placeholders_stay(sim: Simulator, gateway: Gateway) -> None:
    template = TEMPLATE + "?;to={TO};from={FROM};message={MESSAGE};x={FILES}"
    await sim.do("voipms/texts", from_number="72345", message="a b", template=template)
    (request,) = gateway.received
    assert request.target.endswith(f"?;to={DID};from=72345;message=a+b;x=%7BFILES%7D;token={VOIPMS_TOKEN}")


async def test_the_webhook_is_an_envelope(sim: Simulator, gateway: Gateway) -> None:
    sent = await sim.do("voipms/texts", from_number=PATIENT, message="hello", form="webhook")
    (request,) = gateway.received
    assert (request.method, request.target) == ("POST", f"{JSON}?token={VOIPMS_TOKEN}")
    data: dict[str, Any] = json.loads(request.body)["data"]
    received_at = data["payload"].pop("received_at")
    assert received_at.endswith("+00:00")
    assert "." in received_at
    assert data == {
        "id": int(sent["message_sid"]),
        "payload": {
            "id": int(sent["message_sid"]),
            "to": [{"status": "webhook_delivered", "phone_number": DID}],
            "from": {"phone_number": "2125550123"},
            "text": "hello",
            "type": "SMS",
            "media": [],
            "record_type": "message",
        },
        "event_type": "message.received",
        "record_type": "event",
    }


async def test_the_guides_json_is_posted(sim: Simulator, gateway: Gateway) -> None:
    sent = await sim.do("voipms/texts", from_number=PATIENT, message="hello", form="json")
    (request,) = gateway.received
    body = json.loads(request.body)
    assert body | {"date": ""} == {
        "from": "2125550123",
        "to": DID,
        "message": "hello",
        "id": sent["message_sid"],
        "date": "",
    }


async def test_a_long_sms_comes_as_several_with_ids_of_their_own(sim: Simulator, gateway: Gateway) -> None:
    sent = await sim.do("voipms/texts", from_number=PATIENT, message="x" * 200)
    assert [query(request.target)["id"] for request in gateway.received] == sent["message_sids"]
    assert [len(query(request.target)["message"]) for request in gateway.received] == [160, 40]
    assert len(set(sent["message_sids"])) == 2


async def test_a_call_detail_is_pushed_as_the_guide_says(sim: Simulator, gateway: Gateway) -> None:
    made = await sim.do("voipms/cdrs", from_number=PATIENT)
    (request,) = gateway.received
    assert request.target == f"/webhooks/voipms/call/cdr?token={VOIPMS_TOKEN}"
    body = json.loads(request.body)
    assert body | {"date": ""} == {
        "callid": made["callid"],
        "callerid": "2125550123",
        "destination": DID,
        "description": "Incoming call",
        "account": VOIPMS_ACCOUNT,
        "disposition": "answered",
        "duration": "00:01:23",
        "seconds": "83",
        "date": "",
        "uniqueid": made["call_sid"],
        "total": "0.0150",
    }


@pytest.mark.parametrize(
    "answer", [Response("OK"), Response("ok\n"), Response('{"status":"success"}'), Response("ok", 503)]
)
@pytest.mark.parametrize("form", ["template", "json"])
async def test_without_ok_a_text_comes_again_until_there_is_one(
    sim: Simulator, gateway: Gateway, answer: Response, form: str
) -> None:
    gateway.answers[TEMPLATE] = lambda _: answer
    sent = await sim.do("voipms/texts", from_number=PATIENT, message="hello", form=form)
    assert "repeated every 30 minutes" in sent["attempts"][0]["problem"]
    assert (await sim.do("voipms/repeats"))["waiting"] == 1
    del gateway.answers[TEMPLATE]
    again = await sim.do("voipms/repeats")
    assert (len(again["attempts"]), again["waiting"]) == (1, 0)
    assert (await sim.do("voipms/repeats"))["attempts"] == []
    assert len(gateway.received) == 3
    assert len({(request.target, request.body) for request in gateway.received}) == 1


@pytest.mark.parametrize("options", [{"retry": False}, {"form": "webhook"}])
async def test_without_retry_nobody_waits_for_ok(sim: Simulator, gateway: Gateway, options: dict[str, Any]) -> None:
    gateway.answers[TEMPLATE] = gateway.answers[JSON] = lambda _: Response("no")
    sent = await sim.do("voipms/texts", from_number=PATIENT, message="hello", **options)
    assert sent["attempts"][0]["problem"] is None
    assert (await sim.do("voipms/repeats"))["attempts"] == []
