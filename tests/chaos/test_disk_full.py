"""No room on the disk, or none left in the spool, while NATS is away: 503, calls answered, nothing lost, recovery."""

import resource
import signal
import sys
from pathlib import Path

import pytest

from chassis.bus import Bus
from ops.embedded.nats import EmbeddedNats
from support.gateway_process import GatewayProcess, everything_arrives, gateway_process
from support.waiting import eventually


async def texts_until_refused(gateway: GatewayProcess) -> list[str]:
    """Send texts until one is answered 503; the ids of those before."""
    kept: list[str] = []
    while True:
        status = await gateway.text(sid := f"SM{len(kept)}")
        if status == 503:
            return kept
        assert status == 200
        kept.append(sid)


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit to take the disk's room from a running process")
async def test_a_full_disk_refuses_loses_nothing_and_recovers(broker: EmbeddedNats, eyes: Bus, tmp_path: Path) -> None:
    async with gateway_process(tmp_path, broker.url("gateway"), WEBHOOK_LOG_FILE="/dev/null") as gateway:
        broker.stop(signal.SIGKILL)
        hard = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (400_000, hard))
        kept = await texts_until_refused(gateway)
        assert len(kept) > 10
        status, body = await gateway.ready()
        assert (status, list(body["problems"])) == (503, ["spool"])
        assert "<Record " in (await gateway.call()).text
        resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await eventually(lambda: ready(gateway))
        assert await gateway.text("SMlast") == 200
        broker.start()
        await everything_arrives([*kept, "SMlast"], eyes)


async def test_a_spool_of_its_configured_size_refuses_until_it_is_drained(
    broker: EmbeddedNats, eyes: Bus, tmp_path: Path
) -> None:
    async with gateway_process(tmp_path, broker.url("gateway"), SPOOL_MAX_MB="1") as gateway:
        broker.stop(signal.SIGKILL)
        kept = await texts_until_refused(gateway)
        assert len(kept) > 300
        assert sum(file.stat().st_size for file in (tmp_path / "spool").iterdir()) < 10_000_000
        status, body = await gateway.ready()
        assert (status, body["problems"]) == (503, {"spool": "full: it has its configured size of 1 MB"})
        assert "<Record " in (await gateway.call()).text
        broker.start()
        await eventually(lambda: ready(gateway), within=30)
        assert await gateway.text("SMlast") == 200
        await everything_arrives([*kept, "SMlast"], eyes)


async def ready(gateway: GatewayProcess) -> bool:
    status, _ = await gateway.ready()
    return bool(status == 200)
