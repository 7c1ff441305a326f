"""What the gateway says of a webhook: a line whatever became of it, and numbers that add up."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

from prometheus_client import REGISTRY

from chassis.bus import Bus
from chassis.encoding import Encoded
from gateway.publishing.publisher import Durable
from support.gateway import Gateway, answering, published, sign, slow
from support.waiting import eventually

PATH = "/webhooks/twilio/sms/incoming"
SMS = {"MessageSid": "SM1", "From": "+12125550123", "To": "+12125550100", "Body": "Hello"}


def request(*, body: bytes | None = None) -> bytes:
    """The bytes of a signed text message; `body` for one that is sent only in part."""
    whole = urlencode(SMS).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: {sign(PATH, SMS)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(whole)}\r\n\r\n"
    )
    return head.encode() + (whole if body is None else body)


async def send_and_leave(gateway: Gateway, raw: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(raw)
    await writer.drain()
    writer.close()


def in_flight() -> float | None:
    return REGISTRY.get_sample_value("frontdesk_webhooks_in_flight")


class Bench:
    """Makes events durable only when it is told to."""

    def __init__(self) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def publish(self, _: Sequence[Encoded]) -> Durable:
        self.asked.set()
        await self.go.wait()
        return Durable.STREAM


async def test_a_sender_that_leaves_before_its_answer_has_its_line(tmp_path: Path) -> None:
    bench = Bench()
    async with answering(slow(bench.publish), tmp_path / "webhook.log") as gateway:
        await send_and_leave(gateway, request())
        await bench.asked.wait()
        assert in_flight() == 1
        assert gateway.log_lines() == []
        bench.go.set()
        [line] = await eventually(gateway.log_lines)
        assert (line["outcome"], line["status"], line["sid"]) == ("accepted", 200, "SM1")
        assert line["milliseconds"] > 0
        assert in_flight() == 0


async def test_a_sender_that_leaves_within_its_body_has_its_line(gateway: Gateway) -> None:
    await send_and_leave(gateway, request(body=b"Body="))
    [line] = await eventually(gateway.log_lines)
    assert (line["outcome"], line["status"]) == ("incomplete", 400)
    assert "event_ids" not in line


async def test_a_webhook_that_is_cut_off_by_the_end_has_its_line(tmp_path: Path) -> None:
    bench = Bench()
    async with answering(slow(bench.publish), tmp_path / "webhook.log") as gateway:
        await send_and_leave(gateway, request())
        await bench.asked.wait()
        await gateway.under_way.end(0)
        bench.go.set()  # too late
        [line] = gateway.log_lines()
    assert (line["outcome"], line.get("status")) == ("unanswered", None)
    assert in_flight() == 0


async def test_a_webhook_whose_body_never_comes_before_the_end_has_its_line(tmp_path: Path) -> None:
    async with answering(slow(Bench().publish), tmp_path / "webhook.log") as gateway:
        before = asyncio.all_tasks()
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(request(body=b"Body="))
        await eventually(lambda: in_flight() == 1)
        handling = [task for task in asyncio.all_tasks() - before if "run_asgi" in str(task.get_coro())]
        for task in handling:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        [line] = gateway.log_lines()
        writer.close()
    assert (line["outcome"], line.get("status")) == ("unanswered", None)
    assert in_flight() == 0


async def test_an_address_that_is_none_of_ours_is_counted_and_logged_without_it(gateway: Gateway) -> None:
    labels = {"provider": "none", "route": "none", "outcome": "no_such_route"}
    before = REGISTRY.get_sample_value("frontdesk_webhooks_total", labels) or 0
    await gateway.http.get("/webhooks/twilio/my-tooth?q=hurts")
    await gateway.http.put(PATH)
    said = [(line["outcome"], line["status"], line["client"]) for line in gateway.log_lines()]
    assert said == [("no_such_route", 404, "127.0.0.1"), ("no_such_route", 405, "127.0.0.1")]
    assert "tooth" not in gateway.log_file.read_text()
    assert REGISTRY.get_sample_value("frontdesk_webhooks_total", labels) == before + 2


async def test_nobody_outside_may_write_into_our_traces(gateway: Gateway, operator: Bus) -> None:
    theirs = "c" * 32
    headers = {
        "traceparent": f"00-{theirs}-{'d' * 16}-01",
        "x-twilio-signature": sign(PATH, SMS),
        "content-type": "application/x-www-form-urlencoded",
    }
    assert (await gateway.http.post(PATH, content=urlencode(SMS), headers=headers)).status_code == 200
    [(_, event)] = await published(operator)
    [line] = gateway.log_lines()
    assert event.traceparent is not None
    assert event.traceparent.split("-")[1] == line["trace_id"] != theirs
    assert [str(event.id)] == line["event_ids"]
