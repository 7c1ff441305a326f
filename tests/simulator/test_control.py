"""The control API: clear mistakes, memory, forgetting."""

from typing import Any

import pytest

from support.simulator import DID, PATIENT, TWILIO_NUMBER, Gateway, Simulator, simulating
from support.waiting import eventually


@pytest.mark.parametrize(
    ("path", "body", "field", "words"),
    [
        ("twilio/texts", {}, "twilio.text.from_number", "required"),
        ("twilio/texts", {"from_number": PATIENT, "message": "x" * 1601}, "twilio.text.message", "1600"),
        (
            "twilio/texts",
            {"from_number": PATIENT, "message": "", "colour": "red"},
            "twilio.text.colour",
            "not permitted",
        ),
        ("twilio/texts", {"from_number": PATIENT, "message": "", "delivery": {"repeat": 0}}, "delivery.repeat", "1"),
        ("twilio/texts", [], "", "dict"),
        ("twilio/calls", {"from_number": PATIENT, "path": "voice"}, "twilio.call.path", "pattern"),
        ("twilio/calls", {"from_number": PATIENT, "recording": "song"}, "recording", "silence, voicemail"),
        ("twilio/calls", {"from_number": PATIENT, "inputs": [{}]}, "twilio.call.inputs.0", "exactly one"),
        ("voipms/texts", {"from_number": PATIENT, "message": "", "form": "fax"}, "voipms.text.form", "template"),
        (
            "voipms/texts",
            {"from_number": PATIENT, "message": "", "media_urls": ["a"]},
            "voipms.text.media_urls.0",
            "URL",
        ),
        ("voipms/cdrs", {"from_number": PATIENT, "seconds": -1}, "voipms.cdr.seconds", "0"),
        ("webhooks/raw", {"path": "/x", "sign": "maybe"}, "webhook.sign.bool", "boolean"),
        ("batch", {"steps": []}, "steps", "at least 1"),
        ("batch", {"steps": [{"from_number": PATIENT}]}, "", '"do"'),
        ("batch", {"steps": [{"do": "dance"}]}, "steps.0", "twilio.text"),
        ("recordings", {}, "name", "name"),
    ],
)
async def test_mistakes_are_422_and_name_the_field(
    sim: Simulator, gateway: Gateway, path: str, body: Any, field: str, words: str
) -> None:
    answer = await sim.http.post(f"/simulator/{path}", json=body)
    assert answer.status_code == 422
    problem = answer.json()["problems"][0]
    assert problem["field"] == field
    assert words in problem["message"]
    assert gateway.received == []


async def test_a_body_that_is_no_json_is_said_to_be_none(sim: Simulator) -> None:
    answer = await sim.http.post("/simulator/batch", content=b"{")
    assert (answer.status_code, answer.json()["problems"][0]["message"]) == (422, "the body is not JSON")


async def test_health_tells_where_everything_is(sim: Simulator, gateway: Gateway) -> None:
    health = (await sim.http.get("/simulator/health")).json()
    assert health == {
        "ready": True,
        "pending": 0,
        "waiting_for_ok": 0,
        "twilio_api_url": sim.url,
        "voipms_api_url": f"{sim.url}/api/v1/rest.php",
        "webhook_base_url": gateway.url,
        "gateway_url": gateway.url,
        "twilio_phone_number": TWILIO_NUMBER,
        "voipms_did": DID,
    }


async def test_pending_says_when_all_callbacks_are_out(sim: Simulator, gateway: Gateway) -> None:
    await sim.send(StatusCallback=f"{gateway.url}/webhooks/twilio/sms/status")

    async def settled() -> bool:
        return bool((await sim.http.get("/simulator/health")).json()["pending"] == 0)

    await eventually(settled)
    assert len(gateway.received) == 2


async def test_memory_is_asked_by_any_field(sim: Simulator) -> None:
    await sim.send(Body="one")
    await sim.send(Body="two", To="+12125550177")
    assert [text["message"] for text in await sim.texts(to_number=PATIENT)] == ["one"]
    assert [text["message"] for text in await sim.texts(provider="voipms")] == []
    assert len(await sim.rest(status="201")) == 2


async def test_forget_forgets_all_but_what_it_came_with(sim: Simulator, gateway: Gateway) -> None:
    await sim.upload("mine", b"<html>")
    await sim.do("twilio/texts", from_number=PATIENT, message="STOP")
    await sim.do("faults", target="twilio.messages", kind="html")
    await sim.do("twilio/outcomes", statuses=["failed"], error_code=30003)
    await sim.send(To="+12125550177")
    await sim.do("forget")
    assert await sim.texts() == await sim.texts(by="provider") == await sim.webhooks() == await sim.rest() == []
    assert (await sim.http.get("/simulator/recordings")).json() == ["silence", "voicemail"]
    assert (await sim.http.get("/simulator/faults")).json() == []
    assert (await sim.send()).status_code == 201
    await eventually(lambda: sim.texts(status="delivered"))


async def test_ids_are_not_repeated_by_a_restart(gateway: Gateway) -> None:
    ids: list[str] = []
    for _ in range(2):
        async with simulating(gateway.url) as sim:
            ids += (await sim.do("voipms/texts", from_number=PATIENT, message="x" * 480))["message_sids"]
    assert len(set(ids)) == 6
