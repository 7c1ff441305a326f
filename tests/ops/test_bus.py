"""The bus as provisioned: repeatable, and closed to whom it does not concern."""

import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js.errors import ServiceUnavailableError

from chassis.bus import Bus
from ops.bus.permissions import SERVICES
from ops.bus.provisioning import apply
from support.backends import NatsServer
from support.events import text


async def test_provisioning_again_changes_nothing(nats_server: NatsServer) -> None:
    first = await apply(nats_server.url())
    second = await apply(nats_server.url())
    assert all("created" in line or "consumer" in line for line in first)
    assert all("as it should be" in line for line in second)


async def test_a_drifted_stream_is_brought_back(nats: NatsServer, operator: Bus) -> None:
    stream = (await operator.js.stream_info("EVENTS")).config
    await operator.js.update_stream(stream.evolve(max_bytes=1_000_000))
    assert "stream EVENTS: changed max_bytes" in await apply(nats.url())


async def test_a_full_stream_refuses_instead_of_forgetting(nats: NatsServer, operator: Bus) -> None:
    stream = (await operator.js.stream_info("EVENTS")).config
    await operator.js.update_stream(stream.evolve(max_bytes=2_000))

    async def fill() -> None:
        for number in range(20):
            await operator.js.publish("events.sms.received", text(sid=f"SM{number}").to_json())

    with pytest.raises(ServiceUnavailableError):
        await fill()
    first = await operator.js.get_msg("EVENTS", 1)
    assert first.data == text(sid="SM0").to_json()


async def connect(server: NatsServer, user: str) -> Client:
    async def ignore(_: Exception) -> None:
        return None

    return await nats.connect(server.url(user), inbox_prefix=f"_INBOX_{user}", error_cb=ignore)


FORBIDDEN = [
    ("gateway", "events.sms.sent"),
    ("gateway", "dead.recorder"),
    ("recorder", "events.sms.received"),
    ("responder", "events.call.received"),
    ("transcriber", "events.alert.raised"),
    ("transcriber", "$KV.CONSENT.x"),
    ("recorder", "$KV.REPLIES.x"),
]


@pytest.mark.parametrize(("user", "subject"), FORBIDDEN)
async def test_a_service_publishes_only_what_is_its_own(
    nats: NatsServer, operator: Bus, user: str, subject: str
) -> None:
    client = await connect(nats, user)
    with pytest.raises(NatsTimeout):
        await client.jetstream().publish(subject, b"{}", timeout=0.3)
    for stream in ("EVENTS", "DEAD_LETTERS", "KV_CONSENT", "KV_REPLIES"):
        assert (await operator.js.stream_info(stream)).state.messages == 0
    await client.close()


@pytest.mark.parametrize("user", SERVICES)
async def test_no_service_may_create_delete_or_listen_in(nats: NatsServer, operator: Bus, user: str) -> None:
    client = await connect(nats, user)
    heard: list[bytes] = []

    async def hear(message: object) -> None:
        heard.append(b"")

    for subject in ("events.>", "_INBOX_other.>", "$KV.>", "_INBOX.>"):
        await client.subscribe(subject, cb=hear)
    with pytest.raises(NatsTimeout):
        await client.request("$JS.API.STREAM.DELETE.EVENTS", b"", timeout=0.3)
    with pytest.raises(NatsTimeout):
        await client.request("$JS.API.STREAM.CREATE.MINE", b'{"name":"MINE"}', timeout=0.3)
    await operator.publish(text())
    await client.flush()
    assert heard == []
    await client.close()
