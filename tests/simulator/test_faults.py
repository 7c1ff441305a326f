"""Misbehaviour on request."""

import json
import time
from typing import Any

import httpx
import pytest

from support.simulator import ACCOUNT_SID, AUTH_TOKEN, DID, PATIENT, VOIPMS_ACCOUNT, Gateway, Simulator
from support.waiting import eventually

AUTH = (ACCOUNT_SID, AUTH_TOKEN)
SMS = {"did": DID, "dst": "2125550123", "message": "hello"}


async def test_an_error_answer_comes_as_often_as_asked_and_nothing_is_sent(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="status", status=500, times=2)
    answers = [await sim.send() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 201]
    assert answers[0].json()["code"] == 20500
    assert len(await sim.texts()) == 1
    assert [call["fault"] for call in await sim.rest()] == ["status", "status", None]


async def test_a_code_of_ones_choice_can_be_answered(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="status", status=429, code=63038)
    answer = await sim.send()
    assert (answer.status_code, answer.json()["code"]) == (429, 63038)


async def test_an_error_answer_may_hide_that_the_text_left(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="status", status=503, effect=True)
    assert (await sim.send()).json()["code"] == 20503
    assert len(await sim.texts()) == 1


async def test_drop_after_accept_sends_the_text_and_breaks_the_connection(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="drop_after_accept")
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.send(Body="did it leave?")
    assert [text["message"] for text in await sim.texts()] == ["did it leave?"]
    assert [(call["status"], call["fault"]) for call in await sim.rest()] == [(0, "drop_after_accept")]
    assert (await sim.send()).status_code == 201


async def test_lists_may_lag_behind_what_was_accepted(sim: Simulator) -> None:
    await sim.do("lists", listed_after_seconds=60)
    assert (await sim.send()).status_code == 201
    assert (await sim.voipms("sendSMS", **SMS))["status"] == "success"
    messages = await sim.http.get(sim.account("Messages.json"), auth=AUTH)
    assert messages.json()["messages"] == []
    assert (await sim.voipms("getSMS"))["status"] == "no_sms"
    assert len(await sim.texts()) == 2
    await sim.do("lists", listed_after_seconds=0)
    messages = await sim.http.get(sim.account("Messages.json"), auth=AUTH)
    assert len(messages.json()["messages"]) == 1
    assert (await sim.voipms("getSMS"))["status"] == "success"


async def test_drop_after_accept_at_voipms(sim: Simulator) -> None:
    await sim.do("faults", target="voipms.rest", kind="drop_after_accept", method="sendSMS")
    assert (await sim.voipms("getIP"))["status"] == "success"
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.voipms("sendSMS", **SMS)
    assert len(await sim.texts()) == 1


@pytest.mark.parametrize("effect", [True, False])
async def test_a_hanging_call_is_cut_in_the_end(sim: Simulator, effect: bool) -> None:
    await sim.do("faults", target="twilio.messages", kind="hang", seconds=0.2, effect=effect)
    start = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        await sim.send()
    assert time.monotonic() - start >= 0.2
    assert len(await sim.texts()) == int(effect)


async def test_a_hanging_call_may_be_answered_late(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="hang", seconds=0.2, effect=True, then="answer")
    start = time.monotonic()
    assert (await sim.send()).status_code == 201
    assert time.monotonic() - start >= 0.2


async def test_a_client_that_gives_up_does_not_stop_the_text(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="hang", seconds=0.4, effect=True)
    with pytest.raises(httpx.ReadTimeout):
        await sim.http.post(
            sim.account("Messages.json"),
            data={"To": PATIENT, "From": "+12125550100", "Body": "hello"},
            auth=AUTH,
            timeout=0.2,
        )
    assert len(await sim.texts()) == 1
    await eventually(sim.rest)


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ({"kind": "status", "code": "limit_reached"}, 200, "limit_reached"),
        ({"kind": "status", "status": 502}, 502, "<h1>502</h1>"),
        ({"kind": "html"}, 200, "<!DOCTYPE html>"),
    ],
)
async def test_voipms_fails_in_its_own_ways(sim: Simulator, fault: dict[str, Any], status: int, body: str) -> None:
    await sim.do("faults", target="voipms.rest", **fault)
    params = {"api_username": "desk@example.org", "api_password": "api-secret", "method": "sendSMS", **SMS}
    answer = await sim.http.get("/api/v1/rest.php", params=params)
    assert (answer.status_code, body in answer.text) == (status, True)
    assert await sim.texts() == []


async def test_half_an_answer_is_no_json(sim: Simulator) -> None:
    await sim.do("faults", target="twilio.messages", kind="truncate")
    answer = await sim.send()
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(await sim.texts()) == 1


async def test_recordings_fail_as_web_pages_halves_and_too_early(sim: Simulator, gateway: Gateway) -> None:
    await sim.do("twilio/recordings", recording="voicemail")
    url = gateway.forms("/webhooks/twilio/recording/status")[0]["RecordingUrl"]
    for kind in ("not_ready", "html", "truncate"):
        await sim.do("faults", target="twilio.recordings", kind=kind)
    early, page, half, whole = [await sim.http.get(url, auth=AUTH) for _ in range(4)]
    assert (early.status_code, early.json()["code"]) == (404, 20404)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert half.content == whole.content[: len(whole.content) // 2]


async def test_a_voipms_recording_can_be_too_early(sim: Simulator) -> None:
    made = await sim.do("voipms/recordings", recording="silence")
    await sim.do("faults", target="voipms.rest", kind="not_ready", method="getCallRecording")
    params = {"account": VOIPMS_ACCOUNT, "callrecording": made["recording_sid"]}
    answers = [(await sim.voipms("getCallRecording", **params))["status"] for _ in range(2)]
    assert answers == ["no_base64file", "success"]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"target": "twilio.calls", "kind": "html"}, "target"),
        ({"target": "twilio.messages", "kind": "explode"}, "kind"),
        ({"target": "twilio.messages", "kind": "not_ready"}, ""),
        ({"target": "twilio.messages", "kind": "status", "code": "limit_reached"}, ""),
        ({"target": "voipms.rest", "kind": "status", "code": 21610}, ""),
        ({"target": "voipms.rest", "kind": "hang", "seconds": 3600}, "seconds"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(sim: Simulator, fault: dict[str, Any], field: str) -> None:
    answer = await sim.http.post("/simulator/faults", json=fault)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == field
