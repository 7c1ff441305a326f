"""Publishing and consuming against the real server."""

import asyncio

import pytest
from nats.aio.msg import Msg

from chassis.bus import Bus, Forbidden
from chassis.consuming import subscribe
from chassis.encoding import PublishRejected, encode
from chassis.failures import NotYet, Refused, Unavailable
from contracts.dead_letters import REASON_HEADER, SUBJECT_HEADER
from contracts.registry import AnyEvent
from contracts.topology import RESPONDER_TEXTS
from ops.bus.provisioning import apply
from support.backends import NatsServer
from support.consumers import settled
from support.events import text
from support.waiting import eventually


async def stored(bus: Bus, stream: str) -> int:
    return (await bus.js.stream_info(stream)).state.messages


async def test_a_repeat_is_stored_once(nats: NatsServer, operator: Bus) -> None:
    gateway = Bus("gateway", nats.url("gateway"), publish_only=True)
    await gateway.connect()
    await gateway.publish(text())
    await gateway.publish(text())
    assert await stored(operator, "EVENTS") == 1
    await gateway.close()


async def test_a_publish_without_nats_fails_at_once_and_by_name(nats: NatsServer) -> None:
    gateway = Bus("gateway", nats.url("gateway"), publish_only=True)
    await gateway.connect()
    nats.stop()
    with pytest.raises(Unavailable):
        await gateway.publish(text(), deadline=0.5)
    assert await gateway.problem() is not None
    assert gateway.alive()
    await gateway.close()


async def test_what_is_not_valid_is_never_published(nats: NatsServer, operator: Bus) -> None:
    gateway = Bus("gateway", nats.url("gateway"), publish_only=True)
    await gateway.connect()
    event = text()
    for wrong in (
        event.model_copy(update={"data": event.data.model_copy(update={"from_number": ""})}),
        event.model_copy(update={"data": event.data.model_copy(update={"to_number": None})}),
        event.model_copy(update={"type": "frontdesk.sms.invented.v1"}),
    ):
        with pytest.raises(PublishRejected):
            await gateway.publish(wrong)
    assert await stored(operator, "EVENTS") == 0
    await gateway.close()


async def test_a_subject_we_may_not_publish_to_is_a_rejection_not_an_outage(nats: NatsServer, operator: Bus) -> None:
    recorder = Bus("recorder", nats.url("recorder"), publish_only=True)
    await recorder.connect()
    with pytest.raises(Forbidden, match=r"let us publish to events\.sms\.received"):
        await recorder.send(encode(text()), seconds=0.5)
    with pytest.raises(Unavailable, match=r"let us publish"):  # what must not be lost waits until it is corrected
        await recorder.publish(text(), deadline=0.5)
    assert await stored(operator, "EVENTS") == 0
    await recorder.close()


async def consume(nats: NatsServer, handler_of: dict[str, list[str]], failures: list[Exception]) -> Bus:
    bus = Bus("responder", nats.url("responder"))

    async def handler(event: AnyEvent) -> None:
        handler_of.setdefault("seen", []).append(event.data.message)
        if failures:
            raise failures.pop(0)

    subscribe(bus, RESPONDER_TEXTS, handler, concurrency=2)
    await bus.start(RESPONDER_TEXTS)
    return bus


async def test_a_failed_event_comes_back_and_is_done_once(nats: NatsServer, operator: Bus) -> None:
    seen: dict[str, list[str]] = {}
    bus = await consume(nats, seen, [NotYet("not ready")])
    await operator.publish(text("again please"))
    await eventually(lambda: seen.get("seen") == ["again please"] * 2)
    await eventually(lambda: settled(operator, RESPONDER_TEXTS))
    assert await stored(operator, "DEAD_LETTERS") == 0
    await bus.close()


@pytest.mark.parametrize(
    ("body", "failure", "reason"),
    [
        (b"not json", None, "invalid"),
        (b'{"specversion":"1.0","type":"frontdesk.sms.received.v1"}', None, "invalid"),
        (text().to_json(), Refused("never"), "refused"),
    ],
)
async def test_what_can_never_be_handled_becomes_a_dead_letter(
    nats: NatsServer, operator: Bus, body: bytes, failure: Exception | None, reason: str
) -> None:
    bus = await consume(nats, {}, [failure] if failure else [])
    await operator.js.publish("events.sms.received", body)

    async def set_aside() -> bool:
        return await stored(operator, "DEAD_LETTERS") == 1

    await eventually(set_aside)
    letter = await operator.js.get_last_msg("DEAD_LETTERS", "dead.responder")
    assert letter.data == body
    assert letter.headers is not None
    assert letter.headers[REASON_HEADER] == reason
    assert letter.headers[SUBJECT_HEADER] == "events.sms.received"
    await bus.close()


async def test_unknown_event_types_are_passed_over(nats: NatsServer, operator: Bus) -> None:
    seen: dict[str, list[str]] = {}
    bus = await consume(nats, seen, [])
    await operator.js.publish("events.sms.received", b'{"specversion":"1.0","type":"frontdesk.sms.received.v9"}')
    await operator.publish(text("known"))
    await eventually(lambda: seen.get("seen") == ["known"])
    assert await stored(operator, "DEAD_LETTERS") == 0
    await bus.close()


async def test_a_service_waits_for_its_consumer_and_says_so(nats_server: NatsServer) -> None:
    bus = Bus("responder", nats_server.url("responder"))

    async def handler(event: AnyEvent) -> None:
        return None

    subscribe(bus, RESPONDER_TEXTS, handler)
    starting = asyncio.create_task(bus.start(RESPONDER_TEXTS))

    async def waiting() -> bool:
        return await bus.consuming_problem() == "waiting for the durable consumers"

    await eventually(waiting)
    await apply(nats_server.url())
    await asyncio.wait_for(starting, 10)
    assert await bus.consuming_problem() is None
    await bus.close()


async def test_a_deleted_consumer_is_waited_for_without_a_busy_loop(nats: NatsServer, operator: Bus) -> None:
    seen: dict[str, list[str]] = {}
    bus = await consume(nats, seen, [])
    await operator.js.delete_consumer("EVENTS", RESPONDER_TEXTS.name)

    async def noticed() -> bool:
        return await bus.consuming_problem() is not None

    await eventually(noticed, within=15)
    requests: list[str] = []

    async def count(message: Msg) -> None:
        requests.append(message.subject)

    await operator.client.subscribe("$JS.API.CONSUMER.MSG.NEXT.>", cb=count)
    for _ in range(200):  # each asks the server and waits for its answer
        assert await noticed()
    assert len(requests) < 10
    await apply(nats.url())
    await operator.publish(text("back again"))
    await eventually(lambda: seen.get("seen") == ["back again"], within=15)
    assert await bus.consuming_problem() is None
    await bus.close()


async def test_messages_given_back_do_not_hold_up_the_others(nats: NatsServer, operator: Bus) -> None:
    seen: dict[str, list[str]] = {}
    bus = await consume(nats, seen, [Unavailable("provider") for _ in range(80)])
    for number in range(80):
        await operator.publish(text("stuck", sid=f"SM{number}"))
    await eventually(lambda: len(seen.get("seen", [])) >= 80)
    await operator.publish(text("urgent", sid="SMurgent"))
    await eventually(lambda: "urgent" in seen["seen"])
    await bus.close()
