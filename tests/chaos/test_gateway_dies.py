"""The gateway killed under load while NATS is away: what was answered 2xx is there after the restart."""

import signal
from pathlib import Path

from chassis.bus import Bus
from ops.embedded.nats import EmbeddedNats
from support.gateway_process import GatewayProcess, everything_arrives, gateway_process, texting
from support.waiting import eventually


async def test_what_was_promised_survives_the_kill_of_everything(
    broker: EmbeddedNats, eyes: Bus, tmp_path: Path
) -> None:
    broker.stop(signal.SIGKILL)
    async with gateway_process(tmp_path, broker.url("gateway")) as gateway, texting(gateway) as load:
        for _ in range(3):
            await load.more(100)
            await gateway.end(signal.SIGKILL)
            await gateway.start()
        await load.more(100)
        await load.stop()
        await eventually(lambda: spooled(gateway, at_least=400))
        broker.start()
        await everything_arrives(load.promised(), eyes)
    assert {status for _, status in load.answers} == {200, None}


async def test_a_polite_end_answers_everybody_and_leaves_the_spool_in_order(
    broker: EmbeddedNats, eyes: Bus, tmp_path: Path
) -> None:
    async with gateway_process(tmp_path, broker.url("gateway")) as gateway, texting(gateway, senders=16) as load:
        await load.more(50)
        assert broker.process is not None
        broker.process.send_signal(signal.SIGSTOP)
        await load.more(50)
        assert await gateway.end(signal.SIGTERM) == 0
        await load.stop()
        broker.process.send_signal(signal.SIGCONT)
        await gateway.start()
        await everything_arrives(load.promised(), eyes)
    assert {status for _, status in load.answers} == {200, None}


async def spooled(gateway: GatewayProcess, *, at_least: int) -> bool:
    return await gateway.metric("frontdesk_spool_events") >= at_least
