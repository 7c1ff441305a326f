"""Publishes in flight together, against the real server."""

import asyncio
import signal

import nats as nats_py
import nats.js.errors
import pytest
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import DiscardPolicy, StreamConfig

from chassis.pubacks import PubAcks
from ops.embedded.nats import EmbeddedNats
from support.backends import NatsServer
from support.waiting import eventually


@pytest.fixture
async def acks(client: Client) -> PubAcks:
    await client.jetstream().add_stream(StreamConfig(name="SMALL", subjects=["small.>"], max_msg_size=1000))
    return await PubAcks.subscribed(client)


async def stored(client: Client) -> int:
    return (await client.jetstream().stream_info("SMALL")).state.messages


async def test_each_of_many_at_once_is_stored_and_a_repeat_is_not(client: Client, acks: PubAcks) -> None:
    await asyncio.gather(
        *(acks.publish("small.x", b"x", {"Nats-Msg-Id": str(number // 2)}, seconds=10) for number in range(1000))
    )
    assert await stored(client) == 500


async def test_each_gets_its_own_answer(acks: PubAcks) -> None:
    bodies = [b"x" * (2000 if number % 3 == 0 else 10) for number in range(30)]
    outcomes = await asyncio.gather(
        *(acks.publish("small.x", body, {}, seconds=10) for body in bodies), return_exceptions=True
    )
    assert [isinstance(outcome, nats.js.errors.BadRequestError) for outcome in outcomes] == [
        len(body) > 1000 for body in bodies
    ]


async def test_without_a_stream_it_fails_at_once(acks: PubAcks) -> None:
    with pytest.raises(nats.js.errors.NoStreamResponseError):
        await acks.publish("nobody.listens", b"x", {}, seconds=60)


async def test_another_stream_than_the_expected_one_does_not_count(acks: PubAcks) -> None:
    with pytest.raises(nats.js.errors.BadRequestError):
        await acks.publish("small.x", b"x", {"Nats-Expected-Stream": "OTHER"}, seconds=60)


async def test_a_full_stream_says_so(client: Client, acks: PubAcks) -> None:
    full = StreamConfig(name="SMALL", subjects=["small.>"], max_msgs=1, discard=DiscardPolicy.NEW)
    await client.jetstream().update_stream(full)
    await acks.publish("small.x", b"x", {}, seconds=60)
    with pytest.raises(nats.js.errors.ServiceUnavailableError):
        await acks.publish("small.x", b"y", {}, seconds=60)


async def test_an_answer_that_is_no_puback_is_no_success(client: Client, acks: PubAcks) -> None:
    async def answer(message: Msg) -> None:
        await message.respond(b"hello")

    await client.subscribe("somebody.else", cb=answer)
    with pytest.raises(nats.js.errors.ServerError):
        await acks.publish("somebody.else", b"x", {}, seconds=60)


async def test_a_server_that_hangs_is_not_waited_for(nats_server: NatsServer, client: Client, acks: PubAcks) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    assert nats_server.process is not None
    nats_server.process.send_signal(signal.SIGSTOP)
    try:
        outcomes = await asyncio.gather(
            *(acks.publish("small.x", b"x", {}, seconds=0.2) for _ in range(10)), return_exceptions=True
        )
    finally:
        nats_server.process.send_signal(signal.SIGCONT)
    assert {type(outcome) for outcome in outcomes} == {TimeoutError}
    await acks.publish("small.x", b"x", {}, seconds=10)


async def test_it_goes_on_after_the_server_was_away(nats_server: NatsServer, client: Client, acks: PubAcks) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    nats_server.stop()
    with pytest.raises((nats.errors.Error, TimeoutError)):
        await acks.publish("small.x", b"x", {}, seconds=0.5)
    nats_server.start()
    await eventually(lambda: client.is_connected)
    await acks.publish("small.x", b"x", {}, seconds=10)
    assert await stored(client) == 1


@pytest.mark.parametrize("turns", [0, 1])
def test_a_connection_that_was_lost_this_moment_is_like_a_server_that_hangs(
    nats_server: NatsServer, turns: int
) -> None:
    async def publish() -> None:
        client = await nats_py.connect(nats_server.url(), pending_size=0)
        acks = await PubAcks.subscribed(client)
        assert client._transport is not None
        client._transport.close()  # type: ignore[no-untyped-call]
        for _ in range(turns):
            await asyncio.sleep(0)
        assert client.is_connected, "it was noticed"
        with pytest.raises(TimeoutError):
            await acks.publish("small.x", b"x", {}, seconds=0.2)
        await client.close()

    uvloop.run(publish())  # the event loop that our services have
