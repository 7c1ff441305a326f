"""Many webhooks at the same time: each has its own fate."""

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from prometheus_client import REGISTRY
from starlette.types import Message, Scope

from chassis.bus import Bus
from chassis.http import Answer, _Cycle
from gateway.app import web
from gateway.edge.request_log import RequestLog
from gateway.edge.throttle import Throttle
from gateway.providers import twilio
from gateway.providers.base import Parsed, Provider, RawRequest, VerifiedRequest
from gateway.settings import GatewaySettings
from gateway.together import MOST, Together
from gateway.under_way import UnderWay
from ops.embedded.nats import EmbeddedNats
from support.backends import NatsServer
from support.gateway import Gateway, published, serving, settings, sign
from support.waiting import eventually

SMS = "/webhooks/twilio/sms/incoming"
CALL = "/voice/incoming"
MANY = 3 * MOST + 4


def form(number: int) -> dict[str, str]:
    ids = {"MessageSid": f"SM{number}", "CallSid": f"CA{number}", "CallStatus": "ringing"}
    return {"From": "+12125550123", "To": "+12125550100", "Body": "Hello", **ids}


def request(number: int, path: str = SMS, *, signature: str | None = None) -> bytes:
    body = urlencode(form(number))
    signature = signature or sign(path, form(number))
    return (
        f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        f"x-twilio-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def statuses(gateway: Gateway, requests: list[bytes]) -> list[int]:
    """Of the answers to requests that are sent at the same time, each on its own connection."""
    connections = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in requests]
    for (_, writer), raw in zip(connections, requests, strict=True):
        writer.write(raw)
    heads = [await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20) for reader, _ in connections]
    for _, writer in connections:
        writer.close()
    return [int(head.split()[1]) for head in heads]


async def test_each_of_many_is_stored_answered_and_written_down(gateway: Gateway, operator: Bus) -> None:
    assert await statuses(gateway, [request(number) for number in range(MANY)]) == [200] * MANY
    sids = {f"SM{number}" for number in range(MANY)}
    assert {event.data.identity()[1] for _, event in await published(operator)} == sids
    assert sorted(line["sid"] for line in gateway.log_lines()) == sorted(sids)
    assert gateway.under_way.exchanges == set()


async def test_a_wrong_one_among_many_is_the_only_one_refused(gateway: Gateway) -> None:
    requests = [request(number) for number in range(MANY)]
    requests[5] = request(5, signature=sign(SMS, form(6)))
    requests[40] = requests[40].replace(b"MessageSid", b"MessageXid")
    requests[41] = request(41).replace(b"SM41", b"SM42")
    expected = [200] * MANY
    expected[5] = expected[40] = expected[41] = 403
    assert await statuses(gateway, requests) == expected


@pytest.mark.parametrize("step", ["read", "verify", "parse"])
async def test_a_mistake_of_ours_with_one_costs_no_other(
    bus: Bus, operator: Bus, tmp_path: Path, step: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def flawed(configured: GatewaySettings) -> Provider:
        real = twilio.provider(configured)

        def read(raw: RawRequest) -> object:
            return _broken(raw) if step == "read" else real.read(raw)

        def verify(raw: RawRequest) -> VerifiedRequest:
            return real.verify(_broken(raw) if step == "verify" else raw)

        def parse(usual: Callable[[VerifiedRequest], Parsed]) -> Callable[[VerifiedRequest], Parsed]:
            return lambda verified: usual(_with(verified, _broken(verified.raw)) if step == "parse" else verified)

        webhooks = tuple(replace(webhook, parse=parse(webhook.parse)) for webhook in real.webhooks)
        return replace(real, read=read, verify=verify, webhooks=webhooks)

    requests = [request(number, CALL if number == 9 else SMS) for number in range(20)]
    async with serving(bus, tmp_path / "webhook.log", providers=[flawed]) as gateway:
        answers = await statuses(gateway, requests)
        lines = {line["outcome"]: line for line in gateway.log_lines()}
    live = 200 if step == "parse" else 500  # a caller is answered as soon as it is known who calls
    assert (answers[7], answers[9]) == (500, live)
    assert [status for number, status in enumerate(answers) if number not in (7, 9)] == [200] * 18
    assert len(await published(operator)) == 18
    assert set(lines) == {"accepted", "defect"}
    assert lines["defect"]["detail"] == "RuntimeError"
    assert "a patient's words" not in "".join(capfd.readouterr())


def _broken(raw: RawRequest) -> RawRequest:
    if raw.form.values["CallSid"] in ("CA7", "CA9"):
        raise RuntimeError("a patient's words")
    return raw


def _with(verified: VerifiedRequest, raw: RawRequest) -> VerifiedRequest:
    return verified._replace(raw=raw)


async def test_many_failures_at_the_same_time_are_not_all_looked_at(bus: Bus, tmp_path: Path) -> None:
    limited = settings(rate_limit_failures="3/minute", twilio_auth_token=None, twilio_auth_token_next=None)
    wrong = [request(number, signature="not-a-signature") for number in range(4 * MOST)]
    async with serving(bus, tmp_path / "webhook.log", limited) as gateway:
        answers = await statuses(gateway, wrong)
        refused = len(gateway.log_lines())
    assert set(answers) == {403, 429}
    assert answers.count(403) == refused <= MOST + 3


async def test_a_failure_that_cannot_be_counted_is_answered(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("the store answers nonsense")

    monkeypatch.setattr(Throttle, "failed", broken)
    assert await statuses(gateway, [request(1, signature="wrong"), request(2)]) == [403, 200]
    assert gateway.under_way.exchanges == set()


async def test_a_connection_that_cannot_be_written_to_costs_no_other_its_answer(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = _Cycle.answer

    def answer(cycle: _Cycle, answer: Answer) -> None:
        if dict(cycle.scope["headers"])[b"x-twilio-signature"] == b"wrong":
            raise RuntimeError("the handler is closed")
        usual(cycle, answer)

    monkeypatch.setattr(_Cycle, "answer", answer)
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(request(0, signature="wrong"))
    assert await statuses(gateway, [request(number) for number in range(1, 9)]) == [200] * 8
    writer.close()
    await eventually(lambda: not gateway.under_way.exchanges)


async def test_who_was_given_up_is_not_begun_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Together] = []
    monkeypatch.setattr(Together, "_soon", lambda together: waiting.append(together))
    for raw in (request(1), request(2, signature="wrong"), request(3, signature=sign(SMS, form(4)))):
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(raw)
        writer.close()
    await eventually(lambda: len(waiting) == 3)
    await gateway.under_way.end(0)
    monkeypatch.setattr(Throttle, "wait", lambda *_: 60)
    waiting[0]._go()
    assert [line["outcome"] for line in gateway.log_lines()] == ["unanswered"] * 3
    assert REGISTRY.get_sample_value("frontdesk_webhooks_in_flight") == 0


async def test_a_request_that_cannot_be_received_is_answered_all_the_same(tmp_path: Path) -> None:
    async def receive() -> Message:
        raise RuntimeError("no ASGI")

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    requests, under_way = RequestLog(tmp_path / "webhook.log"), UnderWay()
    scope: Scope = {"type": "http", "method": "POST", "path": SMS, "headers": [], "client": None}
    await web(settings(), lambda *_: None, requests, under_way)(scope, receive, send)
    requests.close()
    assert (sent[0]["status"], under_way.exchanges) == (500, set())


async def test_who_waits_for_nats_when_the_gateway_stops_is_not_forgotten(
    bus: Bus, nats: NatsServer, tmp_path: Path
) -> None:
    assert isinstance(nats, EmbeddedNats)
    assert nats.process is not None
    nats.process.send_signal(signal.SIGSTOP)
    try:
        async with serving(bus, tmp_path / "webhook.log") as gateway:
            for number in range(3):
                _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
                writer.write(request(number))
                await eventually(lambda: len(gateway.under_way.exchanges) > number)  # noqa: B023
                writer.close()
    finally:
        nats.process.send_signal(signal.SIGCONT)
    assert [json.loads(line)["outcome"] for line in gateway.log_file.read_text().splitlines()] == ["spooled"] * 3
