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

from chassis import wire
from chassis.pubacks import PubAcks
from ops.embedded.nats import EmbeddedNats
from support.backends import NatsServer
from support.waiting import eventually


@pytest.fixture
async def acks(client: Client) -> PubAcks:
    await client.jetstream().add_stream(StreamConfig(name="SMALL", subjects=["small.>"], max_msg_size=1000))
    return await PubAcks.subscribed(client)


class Begun:
    """Publishes without a coroutine, and waits for what is called then."""

    def __init__(self, acks: PubAcks) -> None:
        self._acks = acks

    async def publish(self, subject: str, body: bytes, headers: dict[str, str], *, seconds: float) -> None:
        outcome: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        if not self._acks.begin(subject, body, headers, outcome.set_result, seconds=seconds):
            raise nats.errors.ConnectionClosedError
        error = await outcome  # a second call would be an InvalidStateError in the log
        if error:
            raise error


@pytest.fixture(params=["publish", "begin"])
def either(acks: PubAcks, request: pytest.FixtureRequest) -> PubAcks | Begun:
    """Both ways to publish, which differ in nothing that can be seen."""
    return acks if request.param == "publish" else Begun(acks)


async def stored(client: Client) -> int:
    return (await client.jetstream().stream_info("SMALL")).state.messages


async def test_each_of_many_at_once_is_stored_and_a_repeat_is_not(client: Client, either: PubAcks | Begun) -> None:
    await asyncio.gather(
        *(either.publish("small.x", b"x", {"Nats-Msg-Id": str(number // 2)}, seconds=10) for number in range(1000))
    )
    assert await stored(client) == 500


async def test_each_gets_its_own_answer(either: PubAcks | Begun) -> None:
    bodies = [b"x" * (2000 if number % 3 == 0 else 10) for number in range(30)]
    outcomes = await asyncio.gather(
        *(either.publish("small.x", body, {}, seconds=10) for body in bodies), return_exceptions=True
    )
    assert [isinstance(outcome, nats.js.errors.BadRequestError) for outcome in outcomes] == [
        len(body) > 1000 for body in bodies
    ]


async def test_without_a_stream_it_fails_at_once(either: PubAcks | Begun) -> None:
    with pytest.raises(nats.js.errors.NoStreamResponseError):
        await either.publish("nobody.listens", b"x", {}, seconds=60)


async def test_another_stream_than_the_expected_one_does_not_count(either: PubAcks | Begun) -> None:
    with pytest.raises(nats.js.errors.BadRequestError):
        await either.publish("small.x", b"x", {"Nats-Expected-Stream": "OTHER"}, seconds=60)


async def test_a_full_stream_says_so(client: Client, either: PubAcks | Begun) -> None:
    full = StreamConfig(name="SMALL", subjects=["small.>"], max_msgs=1, discard=DiscardPolicy.NEW)
    await client.jetstream().update_stream(full)
    await either.publish("small.x", b"x", {}, seconds=60)
    with pytest.raises(nats.js.errors.ServiceUnavailableError):
        await either.publish("small.x", b"y", {}, seconds=60)


async def test_an_answer_that_is_no_puback_is_no_success(client: Client, either: PubAcks | Begun) -> None:
    async def answer(message: Msg) -> None:
        await message.respond(b"hello")

    await client.subscribe("somebody.else", cb=answer)
    with pytest.raises(nats.js.errors.ServerError):
        await either.publish("somebody.else", b"x", {}, seconds=60)


async def test_a_server_that_hangs_is_not_waited_for(
    nats_server: NatsServer, client: Client, either: PubAcks | Begun
) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    assert nats_server.process is not None
    nats_server.process.send_signal(signal.SIGSTOP)
    try:
        outcomes = await asyncio.gather(
            *(either.publish("small.x", b"x", {}, seconds=0.2) for _ in range(10)), return_exceptions=True
        )
    finally:
        nats_server.process.send_signal(signal.SIGCONT)
    assert {type(outcome) for outcome in outcomes} == {TimeoutError}
    await either.publish("small.x", b"x", {}, seconds=10)


async def test_it_goes_on_after_the_server_was_away(
    nats_server: NatsServer, client: Client, either: PubAcks | Begun
) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    nats_server.stop()
    with pytest.raises((nats.errors.Error, TimeoutError)):
        await either.publish("small.x", b"x", {}, seconds=0.5)
    nats_server.start()
    await eventually(lambda: client.is_connected)
    await either.publish("small.x", b"x", {}, seconds=10)
    assert await stored(client) == 1


async def test_what_is_not_usual_is_not_begun(client: Client, acks: PubAcks) -> None:
    told: list[Exception | None] = []
    assert not acks.begin("small.x", b"x" * (client.max_payload + 1), {}, told.append, seconds=1)
    assert not acks.begin("small.x", b"x", {"smuggled": "\r\nPUB"}, told.append, seconds=1)
    await client.close()
    assert not acks.begin("small.x", b"x", {}, told.append, seconds=1)
    assert told == []


async def test_a_mistake_in_what_follows_a_publish_does_not_end_the_connection(client: Client, acks: PubAcks) -> None:
    def wrong(_: Exception | None) -> None:
        raise RuntimeError("a patient's words")

    for _ in range(3):
        assert acks.begin("small.x", b"x", {}, wrong, seconds=10)
    await acks.publish("small.x", b"x", {}, seconds=10)
    assert (client.is_connected, await stored(client)) == (True, 4)


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
        told: list[Exception | None] = []
        for _ in range(wire.TOGETHER + 1):  # so many that some are written now, and the others at the end of the turn
            assert acks.begin("small.x", b"x", {}, told.append, seconds=0.2)
        with pytest.raises(TimeoutError):
            await acks.publish("small.x", b"x", {}, seconds=0.2)
        await eventually(lambda: len(told) > wire.TOGETHER)
        assert {type(error) for error in told} == {TimeoutError}
        await client.close()

    uvloop.run(publish())  # the event loop that our services have
