"""The bus as provisioned: repeatable, and brought back when it drifted."""

import pytest
from nats.js.errors import ServiceUnavailableError

from chassis.bus import Bus
from contracts.topology import BUCKETS, STREAMS
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


async def test_only_the_leader_answers_reads(nats: NatsServer, operator: Bus) -> None:
    """A replica may be behind: it would let a text go to a number whose STOP is already stored."""
    names = [*(stream.name for stream in STREAMS), *(f"KV_{bucket.name}" for bucket in BUCKETS)]
    for name in names:
        have = (await operator.js.stream_info(name)).config
        assert have.allow_direct is False, name
        await operator.js.update_stream(have.evolve(allow_direct=True))
    done = await apply(nats.url())
    assert [line for line in done if "changed" in line] == [
        *(f"stream {stream.name}: changed allow_direct" for stream in STREAMS),
        *(f"bucket {bucket.name}: changed allow_direct" for bucket in BUCKETS),
    ]
    assert [(await operator.js.stream_info(name)).config.allow_direct for name in names] == [False] * len(names)


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
