"""Workers killed under load, with NATS there and with NATS away: nothing that was answered 2xx is lost."""

import os
import signal
from pathlib import Path

from chassis.bus import Bus
from ops.embedded.children import family
from ops.embedded.nats import EmbeddedNats
from support.gateway_process import GatewayProcess, everything_arrives, gateway_process, texting
from support.waiting import eventually


async def kill_one(gateway: GatewayProcess) -> None:
    """Kill a worker, and wait until another one serves in its place."""
    victim = family(gateway.pid)[1]
    os.kill(victim, signal.SIGKILL)
    await eventually(lambda: victim not in family(gateway.pid))
    await eventually(lambda: complete(gateway), within=60)


async def complete(gateway: GatewayProcess) -> bool:
    _, body = await gateway.ready()
    return "workers" not in body["degraded"] and "workers" not in body["problems"]


async def test_what_was_promised_survives_the_death_of_workers(broker: EmbeddedNats, eyes: Bus, tmp_path: Path) -> None:
    async with gateway_process(tmp_path, broker.url("gateway"), GATEWAY_WORKERS="2") as gateway:
        await eventually(lambda: complete(gateway), within=60)
        async with texting(gateway) as load:
            await load.more(50)
            await kill_one(gateway)
            broker.stop(signal.SIGKILL)
            await load.more(50)
            await kill_one(gateway)
            await load.more(50)
        broker.start()
        await everything_arrives(load.promised(), eyes)
        assert await gateway.metric("frontdesk_worker_restarts_total") == 2
        assert await gateway.end(signal.SIGTERM) == 0
    assert {status for _, status in load.answers} <= {200, None}
