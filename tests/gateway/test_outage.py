"""A 2xx means it is safe: what senders hear while NATS, the disk or both are away, and that all of it arrives once."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chassis.bus import Bus
from chassis.encoding import Encoded, encode
from chassis.failures import Unavailable
from contracts.registry import AnyEvent
from gateway.publishing import drain
from gateway.publishing.locks import held
from gateway.publishing.publisher import Durable
from gateway.publishing.storing import Storing
from support.backends import NatsServer
from support.events import text
from support.gateway import VOIPMS_TOKEN, Gateway, published, serving
from support.waiting import eventually

SMS = {"MessageSid": "SM1", "From": "+12125550123", "To": "+12125550100", "Body": "Hello"}
CALL = {"CallSid": "CA1", "CallStatus": "ringing", "From": "+12125550123", "To": "+12125550100"}


async def everything_is_sent(gateway: Gateway) -> list[int]:
    """One webhook of each kind, a call to be answered last; the status of each answer."""
    query = {"from": "2125550123", "to": "2125550100", "message": "Hello", "id": "1", "token": VOIPMS_TOKEN}
    answers = await asyncio.gather(
        gateway.twilio("/webhooks/twilio/sms/incoming", SMS),
        gateway.twilio("/webhooks/twilio/voice/status", CALL),
        gateway.http.get("/api/voip/sms/webhook", params=query),
        gateway.twilio("/voice/incoming", CALL),
    )
    assert [verb.tag for verb in ElementTree.fromstring(answers[-1].content)] == ["Say", "Record", "Say", "Hangup"]
    assert all("ok" not in answer.text for answer in answers if answer.status_code >= 400)
    return [answer.status_code for answer in answers]


async def arrived(operator: Bus, count: int) -> list[AnyEvent]:
    async def there() -> list[AnyEvent]:
        events = [event for _, event in await published(operator)]
        return events if len(events) >= count else []

    found: list[AnyEvent] = await eventually(there, within=20)
    return found


async def test_while_nats_is_away_webhooks_are_kept_on_the_disk(
    gateway: Gateway, nats: NatsServer, tmp_path: Path
) -> None:
    nats.stop()
    assert await everything_is_sent(gateway) == [200, 204, 200, 200]
    assert {line["outcome"] for line in gateway.log_lines()} == {"spooled"}
    assert (tmp_path / "spool" / "spool-0001.db").exists()


async def test_with_neither_nats_nor_a_disk_nothing_is_acknowledged_but_callers_are_answered(
    gateway: Gateway, nats: NatsServer, tmp_path: Path
) -> None:
    nats.stop()
    (tmp_path / "spool").rename(tmp_path / "gone")
    (tmp_path / "spool").touch()
    assert await everything_is_sent(gateway) == [503, 503, 503, 200]
    written = sorted((line["outcome"], line["status"]) for line in gateway.log_lines())
    assert written == [("unavailable", 200)] + [("unavailable", 503)] * 3


async def test_a_disk_that_hangs_holds_nobody_up_and_takes_nothing_it_did_not_promise(
    gateway: Gateway, nats: NatsServer, tmp_path: Path
) -> None:
    nats.stop()
    with held(tmp_path / "spool" / "store.lock"):
        assert await everything_is_sent(gateway) == [503, 503, 503, 200]
    late = {**SMS, "MessageSid": "SMlate"}
    assert (await gateway.twilio("/webhooks/twilio/sms/incoming", late)).status_code == 200
    with contextlib.closing(sqlite3.connect(tmp_path / "spool" / "spool-0001.db")) as file:
        kept = [json.loads(body)["subject"] for (body,) in file.execute("select body from events")]
    assert kept == ["twilio/sms/SMlate"]


async def test_without_a_disk_nats_alone_will_do(gateway: Gateway, operator: Bus, tmp_path: Path) -> None:
    (tmp_path / "spool").rename(tmp_path / "gone")
    (tmp_path / "spool").touch()
    assert await everything_is_sent(gateway) == [200, 204, 200, 200]
    assert len(await arrived(operator, 4)) == 4


async def test_what_waited_is_published_in_order_with_its_id_after_a_restart(
    nats: NatsServer, operator: Bus, tmp_path: Path
) -> None:
    async with serving(Bus("gateway", "nats://127.0.0.1:1"), tmp_path / "webhook.log") as gateway:
        for number in range(20):
            text_to = {**SMS, "MessageSid": f"SM{number}"}
            assert (await gateway.twilio("/webhooks/twilio/sms/incoming", text_to)).status_code == 200
    bus = Bus("gateway", nats.url("gateway"), publish_only=True)
    await bus.connect()
    async with serving(bus, tmp_path / "webhook.log") as gateway:
        events = await arrived(operator, 20)
        assert (await gateway.twilio("/webhooks/twilio/sms/incoming", SMS)).status_code == 200  # a repeat of SM1
        assert len(await published(operator)) == 20
    assert [event.data.identity()[1] for event in events] == [f"SM{number}" for number in range(20)]
    await bus.close()


async def test_a_new_spool_is_drained_without_waiting_for_another_look(
    bus: Bus, operator: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "IDLE_SECONDS", 3_600.0)
    connected = asyncio.Event()

    class Late:
        begin = bus.begin

        async def send(self, event: Encoded, *, seconds: float) -> None:
            if not connected.is_set():
                raise Unavailable("not connected to NATS yet")
            await bus.send(event, seconds=seconds)

    storing = Storing(Late(), tmp_path / "new" / "spool", 10_000_000)
    async with storing.running():
        assert await storing.publisher.publish([encode(text("hello", sid="SM1"))]) is Durable.SPOOL
        connected.set()
        assert len(await arrived(operator, 1)) == 1


async def test_whatever_happens_to_a_publish_there_is_the_spool(tmp_path: Path) -> None:
    class Broken:
        async def send(self, event: Encoded, *, seconds: float) -> None:
            raise RuntimeError("the handler is closed")

        def begin(self, event: Encoded, settled: Callable[[Exception | None], None], *, seconds: float) -> bool:
            raise RuntimeError("the handler is closed")

    rests: list[Awaitable[Durable] | None] = []
    storing = Storing(Broken(), tmp_path / "spool", 10_000_000)
    async with storing.running():
        for sid in ("SM1", "SM2"):
            storing.publisher.begin([encode(text("hello", sid=sid))], rests.append)
        assert [await rest for rest in rests if rest] == [Durable.SPOOL] * 2


async def test_an_event_that_the_bus_rejects_is_kept_for_a_person_and_blocks_nobody(
    bus: Bus, operator: Bus, tmp_path: Path
) -> None:
    stream = (await operator.js.stream_info("EVENTS")).config
    await operator.js.update_stream(stream.evolve(max_msg_size=1100))
    storing = Storing(bus, tmp_path / "spool", 10_000_000)

    async def note() -> str | None:
        await storing.spool.head()  # has it look at itself from time to time
        return await storing.backlog()

    async with storing.running():
        both = [encode(text("too long " * 100, sid="SMlong")), encode(text("short", sid="SMshort"))]
        await storing.publisher.publish(both)
        await eventually(lambda: note(), within=20)
        await arrived(operator, 1)

        async def told() -> bool:
            return await note() == "1 events are rejected by NATS"

        await eventually(told)
    await operator.js.update_stream(stream)
    again = Storing(bus, tmp_path / "spool", 10_000_000)
    async with again.running():
        events = await arrived(operator, 2)
    assert [event.data.identity()[1] for event in events] == ["SMshort", "SMlong"]


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
