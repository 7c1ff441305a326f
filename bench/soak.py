"""Whether the gateway's memory stays what it is: a steady load for minutes, and a look now and then."""

import asyncio
import re
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench import pacer
from bench.contenders import GATEWAY, Running, running
from bench.machine import described
from bench.measuring import CONNECTIONS, half_lost, stored
from bench.prepared import prepared
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats

RATE = 2_000
"""Webhooks a second."""
LOOK_SECONDS = 5.0
_SETTLED = 0.2
"""Share of the time after which caches and pools should be full."""


def minutes(text: str) -> float:
    """Read `10m` or `90s`: seconds. Raises `ValueError`."""
    found = re.fullmatch(r"(\d+)([ms])", text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * (60.0 if found[2] == "m" else 1.0)


def soak(document: Path, seconds: float, core: int) -> int:
    """Write what came of it into `document`. Returns the exit code: 1 when webhooks were lost."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-soak-") as scratch:
        nats = EmbeddedNats(Path(scratch), sync_interval="2m").start()
        try:
            asyncio.run(apply(nats.url()))
            first = next(prepared(0))
            with running(GATEWAY, nats.url("gateway"), Path(scratch), core, first) as process:
                looks: list[float] = []
                ended = threading.Event()
                watching = threading.Thread(target=_watch, args=(process, looks, ended))
                watching.start()
                half = pacer.drive(process.port, prepared(1), rate=RATE, seconds=seconds, connections=CONNECTIONS)
                ended.set()
                watching.join()
            lost = half_lost(half, asyncio.run(stored(nats.url())), GATEWAY.identity)
        finally:
            nats.stop()
    text = written(looks, seconds, len(half.accepted), lost, half.percentile(0.99), described())
    print(text)
    document.write_text(text)
    return 1 if lost or half.refused or half.broken else 0


def _watch(process: Running, looks: list[float], ended: threading.Event) -> None:
    while not ended.wait(LOOK_SECONDS):
        looks.append(process.memory()[0])


def settled(looks: Sequence[float]) -> Sequence[float]:
    """Without the time in which caches fill."""
    return looks[int(len(looks) * _SETTLED) :]


def growth(looks: Sequence[float]) -> float:
    """Least-squares slope of what was seen, over all of it: MB from its beginning to its end."""
    count = len(looks)
    middle, mean = (count - 1) / 2, sum(looks) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    return sum((place - middle) * (look - mean) for place, look in enumerate(looks)) / spread * (count - 1)


def written(
    looks: Sequence[float], seconds: float, accepted: int, lost: int, p99: float, machine: Sequence[str]
) -> str:
    """The document."""
    later = settled(looks)
    shown = later[:: max(1, len(later) // 10)]
    return "\n".join(
        [
            "# The gateway's memory under load",
            "",
            f"Written by `make bench ARGS='--soak {seconds / 60:g}m'` on {time.strftime('%Y-%m-%d', time.gmtime())}.",
            "",
            *(f"- {line}" for line in machine),
            "",
            f"{accepted:,} webhooks in {seconds:,.0f} s ({RATE:,} a second), p99 {p99:.1f} ms, {lost} lost.",
            "",
            f"Resident memory: {looks[0]:.1f} MB at the beginning; after the first fifth of the time",
            f"from {min(later):.1f} to {max(later):.1f} MB, a trend of {growth(later):+.1f} MB.",
            "",
            f"In steps: {', '.join(f'{look:.1f}' for look in shown)}.",
            "",
        ]
    )
