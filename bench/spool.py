"""What the spool does on this disk: `python bench/spool.py [--events 200000] [--senders 64] [--directory DIR]`.

Prints events a second into the spool while that many webhooks wait at a time, how long it takes to open with what is
then in it, what a look at it costs, and how fast it empties into a NATS server of its own that syncs every event.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from chassis.bus import Bus
from chassis.encoding import Encoded
from gateway.publishing.spool import Spool
from gateway.publishing.storing import Storing
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats

BODY = b"x" * 900
"""About as long as a text's event."""
SIZE = 10_000_000_000


async def fill(directory: Path, events: int, senders: int) -> None:
    spool = Spool(directory, SIZE)
    spool.start()
    slowest = 0.0

    async def sender() -> None:
        nonlocal slowest
        for _ in range(events // senders):
            began = time.perf_counter()
            await spool.put([Encoded(str(uuid4()), "events.sms.received", BODY)])
            slowest = max(slowest, time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(senders)))
    seconds = time.perf_counter() - began
    print(
        f"into the spool: {events / seconds:,.0f} events/s with {senders} waiting, the slowest {slowest * 1000:.0f} ms"
    )
    await spool.close()


async def look(directory: Path) -> None:
    spool = Spool(directory, SIZE)
    began = time.perf_counter()
    spool.start()
    await spool.oldest(1)
    opened = time.perf_counter()
    await spool.problem()
    print(f"opened with {spool.status.events:,} events ({spool.status.bytes / 1e6:,.0f} MB) in ", end="")
    print(f"{(opened - began) * 1000:.0f} ms; readiness in {(time.perf_counter() - opened) * 1000:.1f} ms")
    await spool.close()


async def drain(directory: Path, server: EmbeddedNats, events: int) -> None:
    await apply(server.url())
    bus = Bus("gateway", server.url("gateway"), publish_only=True)
    await bus.connect()
    storing = Storing(bus, directory, SIZE)
    began = time.perf_counter()
    async with storing.running():
        while await storing.spool.head() is not None:
            await asyncio.sleep(0.1)
    print(f"out of the spool: {events / (time.perf_counter() - began):,.0f} events/s, each synced by NATS")
    await bus.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--senders", type=int, default=64)
    parser.add_argument("--directory", type=Path, help="on the disk to measure; a temporary one when not given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.directory) as name:
        directory = Path(name)
        asyncio.run(fill(directory / "spool", given.events, given.senders))
        asyncio.run(look(directory / "spool"))
        server = EmbeddedNats(directory).start()
        try:
            asyncio.run(drain(directory / "spool", server, given.events))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
