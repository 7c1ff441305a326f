"""Who may do what on the bus, tried with every service's credentials on the real server."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import nats as nats_py
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import KeyNotFoundError, NotFoundError

from chassis.bus import Bus
from contracts import EVENTS
from contracts.commands import VoiceTurnRequest
from contracts.topology import BUCKETS, CONSUMERS, STREAMS, Bucket, Consumer, dead_letter_subject
from ops.bus.operations import Operation, operations
from ops.bus.permissions import OPERATOR, SERVICES
from ops.bus.probing import Rights, probe
from ops.bus.provisioning import apply
from ops.bus.rights import PAGE, page
from support.backends import NatsServer
from support.waiting import eventually

OWNERS_MAY = {
    "publish": "its events",
    "ask": "its commands",
    "answer": "commands that are for it",
    "receive answers": "in its own inboxes",
    "set aside as a dead letter": "under its own name",
    "$JS.API.CONSUMER.INFO.EVENTS.*": "see whether its consumer is there",
    "$JS.API.CONSUMER.MSG.NEXT.EVENTS.*": "take messages",
    "acknowledge": "give them back, or end them",
    "put or delete a key": "write its bucket",
    "read a key": "and read it",
    "$JS.API.STREAM.INFO.*": "see whether its bucket is there",
}
"""All that a service may do, and only to what is its own. The operator may do everything."""

BUCKET_STREAMS = [f"KV_{bucket.name}" for bucket in BUCKETS]
ALL_STREAMS = [*(stream.name for stream in STREAMS), *BUCKET_STREAMS]


def is_meant(user: str, operation: Operation) -> bool:
    return user == OPERATOR or (operation.owner == user and operation.deed in OWNERS_MAY)


@pytest.fixture
async def rights(nats: NatsServer) -> Rights:
    return {user: await probe(nats.url(user), user, operations()) for user in (*SERVICES, OPERATOR)}


async def test_everybody_may_do_exactly_what_is_meant(rights: Rights, nats: NatsServer) -> None:
    for user, allowed in rights.items():
        assert allowed == {operation for operation in operations() if is_meant(user, operation)}, user
    assert {operation.deed for user in SERVICES for operation in rights[user]} == OWNERS_MAY.keys()
    assert all("as it should be" in line for line in await apply(nats.url())), "trying changed something"


async def test_the_documented_matrix_is_the_real_one(rights: Rights) -> None:
    text = (Path(__file__).resolve().parents[2] / PAGE).read_text()
    assert text == page(text, rights), "run 'frontdesk nats rights --write'"


@pytest.mark.parametrize("credentials", ["", "gateway:wrong@", "nobody:wrong@", "operator@"])
async def test_without_the_right_credentials_there_is_no_connection(nats: NatsServer, credentials: str) -> None:
    address = nats.url().rpartition("@")[2]
    with pytest.raises(NatsError, match="Authorization Violation"):
        await connected(f"nats://{credentials}{address}", "gateway")


async def connected(url: str, user: str) -> Client:
    async def ignore(_: Exception) -> None:
        return None

    return await nats_py.connect(url, inbox_prefix=f"_INBOX_{user}", error_cb=ignore, allow_reconnect=False)


@contextlib.asynccontextmanager
async def acting_as(server: NatsServer, user: str) -> AsyncIterator[Client]:
    client = await connected(server.url(user), user)
    yield client
    await client.close()


async def test_no_request_makes_the_server_write_or_delete_for_its_sender(nats: NatsServer, operator: Bus) -> None:
    """The server checks where a client publishes, but not where it has the answer sent."""
    for consumer in CONSUMERS:
        for subject in consumer.subjects:
            await operator.js.publish(subject.replace(">", "any"), b"")
    targets = [f"$JS.API.STREAM.{deed}.{stream}" for stream in ALL_STREAMS for deed in ("DELETE", "PURGE")]
    targets += ["events.forged", "dead.forged", "_INBOX_operator.forged", *(f"$KV.{b.name}.forged" for b in BUCKETS)]
    for user in SERVICES:
        own = {f"$KV.{bucket.name}.forged" for bucket in BUCKETS if bucket.service == user}
        async with acting_as(nats, user) as client:
            for operation in operations():
                if is_meant(user, operation) and not operation.listens:
                    for target in targets:
                        if target not in own:
                            await client.publish(operation.subject, b"", reply=target)
            await client.flush()
            await client.flush()
    await operator.client.publish("$JS.API.STREAM.INFO.EVENTS", b"", reply="events.control")

    async def the_same_works_for_the_operator() -> bool:
        with contextlib.suppress(NotFoundError):
            return bool(await operator.js.get_last_msg("EVENTS", "events.control"))
        return False

    await eventually(the_same_works_for_the_operator)
    for stream in ALL_STREAMS:
        with pytest.raises(NotFoundError):
            await operator.js.get_last_msg(stream, forged_in(stream))
    assert (await operator.js.stream_info("EVENTS")).state.first_seq == 1, "purged"


def forged_in(stream: str) -> str:
    known = {"EVENTS": "events.forged", "DEAD_LETTERS": "dead.forged"}
    return known.get(stream) or f"$KV.{stream.removeprefix('KV_')}.forged"


async def test_events_are_stored_for_their_publishers(nats: NatsServer) -> None:
    for user in SERVICES:
        async with acting_as(nats, user) as client:
            for event in EVENTS:
                if event.published_by == user:
                    assert (await client.jetstream().publish(event.bus_subject, b"{}")).stream == "EVENTS"


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda consumer: consumer.name)
async def test_a_consumer_can_be_worked_with(nats: NatsServer, operator: Bus, consumer: Consumer) -> None:
    subject = consumer.subjects[0].replace(">", "any")
    for body in (b"1", b"2", b"3"):
        await operator.js.publish(subject, body)
    async with acting_as(nats, consumer.service) as client:
        js = client.jetstream()

        async def three_wait() -> bool:
            return bool((await js.consumer_info("EVENTS", consumer.name)).num_pending == 3)

        await eventually(three_wait)
        subscription = await js.pull_subscribe_bind(durable=consumer.name, stream="EVENTS")
        first, second = await subscription.fetch(2)
        await first.in_progress()
        await first.ack()
        await second.nak()
        await js.publish(dead_letter_subject(consumer.service), b"3")
        left = [message for _ in range(2) for message in await subscription.fetch(1)]
        third, again = sorted(left, key=lambda message: message.data, reverse=True)
        assert (third.data, again.data) == (b"3", b"2")
        await third.term()
        await again.ack_sync()
    info = await operator.js.consumer_info("EVENTS", consumer.name)
    assert (info.num_pending, info.num_ack_pending) == (0, 0)


@pytest.mark.parametrize("bucket", BUCKETS, ids=lambda bucket: bucket.name)
async def test_a_bucket_can_be_worked_with(nats: NatsServer, bucket: Bucket) -> None:
    async with acting_as(nats, bucket.service) as client:
        kv = await client.jetstream().key_value(bucket.name)
        with pytest.raises(KeyNotFoundError):
            await kv.get("a.key")
        revision = await kv.create("a.key", b"first")
        await kv.update("a.key", b"second", last=revision)
        assert (await kv.get("a.key")).value == b"second"
        assert (await kv.status()).values == 1


async def test_a_command_is_answered(nats: NatsServer) -> None:
    command = VoiceTurnRequest.bus_subject
    async with acting_as(nats, VoiceTurnRequest.answered_by) as answering:

        async def answer(message: Msg) -> None:
            await message.respond(b"answer to " + message.data)

        await answering.subscribe(command, cb=answer)
        await answering.flush()
        async with acting_as(nats, VoiceTurnRequest.asked_by) as asking:
            assert (await asking.request(command, b"question", timeout=5)).data == b"answer to question"
