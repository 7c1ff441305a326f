"""NATS killed, hung and full under load: every webhook that got a 2xx is in the stream once, and none waited long."""

import signal
from pathlib import Path

from chassis.bus import Bus
from ops.embedded.nats import EmbeddedNats
from support.gateway_process import GatewayProcess, Load, everything_arrives, gateway_process, texting
from support.waiting import eventually

LONGEST_MS = 2000
"""A promise to the providers, held against the gateway's own measure."""


async def everything_is_there_once(gateway: GatewayProcess, load: Load, eyes: Bus) -> None:
    await everything_arrives(load.promised(), eyes)
    assert max(line["milliseconds"] for line in gateway.log_lines()) <= LONGEST_MS


async def test_a_broker_killed_five_times_costs_nothing(broker: EmbeddedNats, eyes: Bus, tmp_path: Path) -> None:
    async with gateway_process(tmp_path, broker.url("gateway")) as gateway, texting(gateway) as load:
        for _ in range(5):
            await load.more(60)
            broker.stop(signal.SIGKILL)
            await load.more(60)
            broker.start()
            await eventually(lambda: eyes.client.is_connected, within=30)
        await load.more(60)
        await load.stop()
        assert {status for _, status in load.answers} == {200}
        await everything_is_there_once(gateway, load, eyes)
        assert {"accepted", "spooled"} == {line["outcome"] for line in gateway.log_lines()}


async def test_a_hung_broker_holds_up_hardly_anybody(broker: EmbeddedNats, eyes: Bus, tmp_path: Path) -> None:
    async with gateway_process(tmp_path, broker.url("gateway")) as gateway, texting(gateway) as load:
        await load.more(60)
        assert broker.process is not None
        broker.process.send_signal(signal.SIGSTOP)
        await load.more(200)
        broker.process.send_signal(signal.SIGCONT)
        await load.more(60)
        await load.stop()
        assert {status for _, status in load.answers} == {200}
        await everything_is_there_once(gateway, load, eyes)
        waited = [line for line in gateway.log_lines() if line["milliseconds"] > 900]
        assert len(waited) < 60, (
            "only those that were under way when it hung, and a few that asked whether it still does"
        )


async def test_a_full_stream_fills_the_spool_and_the_gateway_stays_ready(
    broker: EmbeddedNats, eyes: Bus, tmp_path: Path
) -> None:
    config = (await eyes.js.stream_info("EVENTS")).config
    await eyes.js.update_stream(config.evolve(max_msgs=100))
    async with gateway_process(tmp_path, broker.url("gateway")) as gateway, texting(gateway) as load:
        await load.more(200)

        async def told() -> bool:
            status, body = await gateway.ready()
            assert (status, body["problems"]) == (200, {})
            return "wait for NATS" in body["degraded"]["spool"]

        await eventually(told)
        await eyes.js.update_stream(config)
        await load.stop()
        await everything_is_there_once(gateway, load, eyes)
        assert {status for _, status in load.answers} == {200}


async def test_workers_share_a_spool_and_all_of_them_notice_that_nats_is_back(
    broker: EmbeddedNats, eyes: Bus, tmp_path: Path
) -> None:
    async with (
        gateway_process(tmp_path, broker.url("gateway"), GATEWAY_WORKERS="2") as gateway,
        texting(gateway, senders=16) as load,
    ):
        await load.more(60)
        broker.stop(signal.SIGKILL)
        await load.more(200)
        broker.start()

        async def everybody_publishes() -> bool:
            await load.more(60)
            return {line["outcome"] for line in gateway.log_lines()[-40:]} == {"accepted"}

        await eventually(everybody_publishes, within=40)
        await load.stop()
        assert {status for _, status in load.answers} == {200}
        await everything_is_there_once(gateway, load, eyes)
