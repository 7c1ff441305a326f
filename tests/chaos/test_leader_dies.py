"""Three NATS servers, each event on two of them before it counts: the leader is killed under load, nothing is lost."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus
from chassis.failures import Unavailable
from contracts.sms import SmsReceived
from contracts.topology import BUCKETS, STREAMS
from ops.bus.provisioning import apply
from support.cluster import NatsCluster, nats_cluster
from support.events import text
from support.gateway_process import everything_arrives, gateway_process, texting
from support.waiting import eventually


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[NatsCluster]:
    with nats_cluster(tmp_path / "cluster") as servers:
        await eventually(lambda: provisioned(servers), within=60)
        yield servers


async def provisioned(servers: NatsCluster) -> bool:
    """The servers may still be electing their leader: `apply` is repeated like anybody would."""
    await apply(servers.url(), replicas=3)
    return True


@pytest.fixture
async def eyes(cluster: NatsCluster) -> AsyncIterator[Bus]:
    bus = Bus("operator", cluster.url())
    await bus.connect()
    yield bus
    await bus.close()


async def leader_of(eyes: Bus) -> str:
    """The node that leads the events; while there is none, an error."""
    cluster = (await eyes.js.stream_info("EVENTS")).cluster
    assert cluster is not None
    assert cluster.leader is not None
    return cluster.leader


async def in_step(eyes: Bus) -> bool:
    """Whether the node that was away has what the others have: until then the stream may change its leader again."""
    cluster = (await eyes.js.stream_info("EVENTS")).cluster
    return bool(cluster and cluster.leader and all(peer.current for peer in cluster.replicas or ()))


class Pauses:
    """Publishes one text after the other, and remembers how long it was without a PubAck."""

    def __init__(self, bus: Bus) -> None:
        self.longest = 0.0
        self.published: list[str] = []
        self._bus = bus
        self._task = asyncio.create_task(self._publish())

    async def _publish(self) -> None:
        last = time.monotonic()
        while True:
            event = text("hello", sid=f"pause-{last}")
            while not await self._published(event):
                await asyncio.sleep(0.02)
            self.published.append(event.data.message_sid)
            self.longest, last = max(self.longest, time.monotonic() - last), time.monotonic()

    async def _published(self, event: SmsReceived) -> bool:
        try:
            await self._bus.publish(event, deadline=0.5)
        except Unavailable:
            return False
        return True

    async def more(self, count: int) -> None:
        wanted = len(self.published) + count
        await eventually(lambda: len(self.published) >= wanted, within=60)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_a_leader_killed_twice_under_load_costs_nothing(
    cluster: NatsCluster, eyes: Bus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promised: list[str] = []
    async with gateway_process(tmp_path, cluster.url("gateway")) as gateway, texting(gateway) as load:
        for _ in range(2):
            await load.more(60)
            leader = await eventually(lambda: leader_of(eyes), within=60)
            pauses = Pauses(eyes)
            await pauses.more(20)
            cluster.nodes[leader].stop(signal.SIGKILL)
            await pauses.more(20)
            await load.more(100)
            with capsys.disabled():
                print(f"\n{leader} killed: no PubAck for {pauses.longest:.1f} s")
            await pauses.stop()
            promised += pauses.published
            await asyncio.to_thread(cluster.nodes[leader].spawn)
            await asyncio.to_thread(cluster.nodes[leader].wait_ready)
        await load.more(60)
        await load.stop()
        assert {status for _, status in load.answers} == {200}
        await eventually(lambda: in_step(eyes), within=60)
        await everything_arrives([*load.promised(), *promised], eyes)


async def test_copies_may_come_later(cluster: NatsCluster, eyes: Bus) -> None:
    await apply(cluster.url(), replicas=1)
    names = [*(stream.name for stream in STREAMS), *(f"KV_{bucket.name}" for bucket in BUCKETS)]
    for replicas in (1, 3):
        await apply(cluster.url(), replicas=replicas)
        found = [(await eyes.js.stream_info(name)).config for name in names]
        assert {config.num_replicas for config in found} == {replicas}
