"""The recorder's figures on this machine: `.venv/bin/python -m bench.recorder`, written to RESULTS.md beside this file.

Everything is real (NATS, a durable Postgres, the bus); only PostgREST is the stand-in that the tests use.
"""

import argparse
import asyncio
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "tests"))

from bench.recorder import ingest, live, questions, visits  # noqa: E402  (the stand-in for PostgREST lies with the tests)
from bench.recorder.process import recorder  # noqa: E402
from chassis.bus import Bus  # noqa: E402
from ops.bus.provisioning import apply  # noqa: E402
from ops.embedded.nats import EmbeddedNats  # noqa: E402
from ops.embedded.postgres import EmbeddedPostgres  # noqa: E402
from recorder.migrate import migrate  # noqa: E402


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=1_000_000)
    options.add_argument("--texts", type=int, default=2_000_000)
    options.add_argument("--events", type=int, default=50_000)
    options.add_argument("--database-url", help="with a history made before, to which some is added")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-bench-"))
    folder.chmod(0o755)
    try:
        written = asyncio.run(_measured(folder, given))
    finally:
        shutil.rmtree(folder)
    (HERE / "RESULTS.md").write_text(written, "utf-8")
    sys.stdout.write(written)


async def _measured(folder: Path, given: argparse.Namespace) -> str:
    lines = [
        "# Recorder: figures",
        "",
        f"`python -m bench.recorder --calls {given.calls} --texts {given.texts} --events {given.events}`,",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, Python {platform.python_version()}.",
        "",
        *await ingest.measure(folder, given.events),
    ]
    if given.database_url:
        return "\n".join([*lines, *await _over_history(folder, given.database_url)])
    server = EmbeddedPostgres(folder / "history", durable=False).start()
    try:
        migrate(server.url)
        questions.make_history(server.url, given.calls, given.texts)
        return "\n".join([*lines, *await _over_history(folder, server.url)])
    finally:
        server.stop()


async def _over_history(folder: Path, database_url: str) -> list[str]:
    """The questions alone, then the whole service over the same history."""
    lines = [*questions.measure(database_url), ""]
    (folder / "live").mkdir()
    nats = EmbeddedNats(folder / "live").start()
    bus = Bus("operator", nats.url())
    try:
        await apply(nats.url())
        await bus.connect()
        async with (
            recorder(nats.url("recorder"), {"DATABASE_URL": database_url}) as process,
            process.visitor() as client,
        ):
            lines += await visits.measure(client, database_url)
            lines += await live.measure(bus, client)
            peak = process.peak_memory()
    finally:
        await bus.close()
        nats.stop()
    return [*lines, "## Memory", "", f"The recorder's process after all of the above, at the most: {peak:.0f} MB.", ""]


main()
