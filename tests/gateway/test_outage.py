"""A 2xx means it is safe: what senders hear while NATS is away, and that a repeat afterwards is stored once."""

import asyncio
from xml.etree import ElementTree

from chassis.bus import Bus
from support.backends import NatsServer
from support.gateway import VOIPMS_TOKEN, Gateway, published

SMS = {"MessageSid": "SM1", "From": "+12125550123", "To": "+12125550100", "Body": "Hello"}
CALL = {"CallSid": "CA1", "CallStatus": "ringing", "From": "+12125550123", "To": "+12125550100"}


async def test_nothing_is_acknowledged_while_nats_is_away_but_callers_are_answered(
    gateway: Gateway, nats: NatsServer
) -> None:
    nats.stop()
    query = {"from": "2125550123", "to": "2125550100", "message": "Hello", "id": "1", "token": VOIPMS_TOKEN}
    *refused, live = await asyncio.gather(
        gateway.twilio("/webhooks/twilio/sms/incoming", SMS),
        gateway.twilio("/webhooks/twilio/voice/status", CALL),
        gateway.http.get("/api/voip/sms/webhook", params=query),
        gateway.twilio("/voice/incoming", CALL),
    )
    for answer in refused:
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert "ok" not in answer.text
    assert live.status_code == 200
    assert [verb.tag for verb in ElementTree.fromstring(live.content)] == ["Say", "Record", "Say", "Hangup"]
    written = sorted((line["outcome"], line["status"]) for line in gateway.log_lines())
    assert written == [("unavailable", 200)] + [("unavailable", 503)] * 3


async def test_an_event_that_the_bus_rejects_is_not_acknowledged(gateway: Gateway, operator: Bus) -> None:
    await operator.js.purge_stream("EVENTS")
    stream = (await operator.js.stream_info("EVENTS")).config
    await operator.js.update_stream(stream.evolve(max_msg_size=200))
    answer = await gateway.twilio("/webhooks/twilio/sms/incoming", SMS)
    assert (answer.status_code, gateway.log_lines()[0]["outcome"]) == (503, "rejected")
    await operator.js.update_stream(stream)
    assert (await gateway.twilio("/webhooks/twilio/sms/incoming", SMS)).status_code == 200
    assert len(await published(operator)) == 1


async def test_both_ways_voipms_delivers_a_text_are_one_event(gateway: Gateway, operator: Bus) -> None:
    url = f"/webhooks/voipms/sms/incoming?token={VOIPMS_TOKEN}"
    for media in ("", "https://voip.ms/media/a.png"):
        template = {"from": "2125550123", "to": "2125550100", "message": "", "id": "7", "media": media}
        payload = {
            "id": 7,
            "type": "MMS",
            "from": {"phone_number": "2125550123"},
            "to": [{"phone_number": "2125550100"}],
            "text": "",
            "media": [{"url": media}] if media else [],
        }
        webhook = {"data": {"event_type": "message.received", "payload": payload}}
        assert (await gateway.http.get(url, params=template | {"token": VOIPMS_TOKEN})).text == "ok"
        assert (await gateway.http.post(url, json=webhook)).text == "ok"
    assert [event.data.message_sid for _, event in await published(operator)] == ["mms-7"]
