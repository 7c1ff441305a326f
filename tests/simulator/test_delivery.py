"""Delivery plans: repeated, shuffled, late, many at a time."""

import asyncio
import time
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from simulator.delivery import shuffled
from simulator.webhook import Webhook
from support.simulator import PATIENT, Gateway, Received, Simulator

INCOMING = "/webhooks/twilio/sms/incoming"
DAY = [
    *({"do": "twilio.text", "from_number": PATIENT, "message": str(number)} for number in range(6)),
    {"do": "voipms.text", "from_number": PATIENT, "message": "hello"},
    {"do": "voipms.cdr", "from_number": PATIENT},
    {"do": "twilio.call", "from_number": PATIENT, "recording": "silence"},
]


@given(st.integers(0, 30), st.integers())
def test_a_shuffle_loses_nothing_and_is_the_same_again(count: int, seed: int) -> None:
    webhooks = [Webhook("x", str(number), "GET", "http://x") for number in range(count)]
    order = shuffled(webhooks, seed)
    assert order == shuffled(webhooks, seed)
    assert Counter(webhook.id for webhook in order) == Counter(webhook.id for webhook in webhooks)


def bodies(gateway: Gateway) -> list[str]:
    return [form["Body"] for form in gateway.forms(INCOMING)]


async def test_a_batch_is_delivered_in_the_order_of_its_seed(sim: Simulator, gateway: Gateway) -> None:
    orders = []
    for seed in (7, 7, 8, None):
        gateway.received.clear()
        await sim.do("batch", steps=DAY[:6], shuffle_seed=seed)
        orders.append(bodies(gateway))
    assert orders[0] == orders[1] != orders[2]
    assert orders[3] == sorted(orders[3]) == sorted(orders[0])


async def test_a_day_with_repeats_delivers_every_webhook_that_often(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml("/voice/incoming", '<Record action="/voice/done" recordingStatusCallback="/webhooks/twilio/rec"/>')
    gateway.twiml("/voice/done", "<Hangup/>")
    done = await sim.do("batch", steps=DAY, shuffle_seed=3, repeat=3, concurrency=4)
    counts = Counter((request.target, request.body) for request in gateway.received)
    assert set(counts.values()) == {3}
    assert len(counts) == 6 + 1 + 1 + 4
    assert [step["do"] for step in done["steps"]] == [step["do"] for step in DAY]
    assert len(done["attempts"]) == 36
    assert {attempt["status"] for attempt in done["attempts"]} == {200, 204}


async def test_what_nobody_waits_for_comes_after_the_whole_day(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml("/voice/incoming", "<Hangup/>")
    await sim.do("batch", steps=[DAY[8], DAY[0]])
    assert [request.path for request in gateway.received] == [
        "/voice/incoming",
        "/webhooks/twilio/voice/status",
        INCOMING,
    ]


async def test_deliveries_run_side_by_side_when_asked(sim: Simulator, gateway: Gateway) -> None:
    together = asyncio.Barrier(3)

    async def wait(_: Received) -> Response:
        await together.wait()
        return Response("<Response/>", media_type="text/xml")

    gateway.answers[INCOMING] = wait
    plan = {"repeat": 3, "concurrency": 3}
    sent = await sim.do("twilio/texts", from_number=PATIENT, message="hello", delivery=plan)
    assert [attempt["status"] for attempt in sent["attempts"]] == [200] * 3


async def test_a_delivery_can_be_late(sim: Simulator, gateway: Gateway) -> None:
    start = time.monotonic()
    await sim.do("twilio/texts", from_number=PATIENT, message="hello", delivery={"repeat": 2, "delay_seconds": 0.1})
    assert time.monotonic() - start > 0.2
    assert len(gateway.received) == 2


async def test_every_attempt_is_remembered_with_request_and_answer(sim: Simulator, gateway: Gateway) -> None:
    gateway.twiml(INCOMING, "")
    sent = await sim.do("twilio/texts", from_number=PATIENT, message="hello", delivery={"repeat": 2})
    attempts = await sim.webhooks(about=sent["message_sid"])
    assert attempts == sent["attempts"]
    assert len({attempt["webhook"] for attempt in attempts}) == 1
    first = attempts[0]
    assert (first["kind"], first["method"], first["status"]) == ("twilio.sms.incoming", "POST", 200)
    assert first["url"] == gateway.url + INCOMING
    assert "Body=hello" in first["request_body"]
    assert first["body"].endswith("<Response></Response>")
    assert first["content_type"].startswith("text/xml")
    assert first["duration_ms"] >= 0
