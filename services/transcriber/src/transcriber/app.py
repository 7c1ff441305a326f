"""How the transcriber is put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from chassis.bus import Bus
from chassis.consuming import subscribe
from chassis.process import Service
from chassis.recordings.download import new_client
from chassis.recordings.registry import fetchers
from contracts.topology import TRANSCRIBER_RECORDINGS
from transcriber.engine.local import LocalEngine
from transcriber.handling import Handling
from transcriber.interrupting import Interruptible
from transcriber.settings import TranscriberSettings

CONCURRENCY = 2
"""The engine hears one recording at a time; the next is fetched meanwhile."""


def build(settings: TranscriberSettings) -> Service:
    """The service, not yet started."""
    bus = Bus("transcriber", settings.nats_url.get_secret_value(), security=settings.nats_security)
    engine = LocalEngine(settings.whisper_model, settings.data_dir) if settings.enable_transcription else None

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        async with new_client("transcriber") as client, asyncio.TaskGroup() as tasks:
            handler = Interruptible(Handling(bus, fetchers(settings, client), engine, lambda: datetime.now(UTC)))
            subscribe(bus, TRANSCRIBER_RECORDINGS, handler, concurrency=CONCURRENCY)
            starting = tasks.create_task(bus.start(TRANSCRIBER_RECORDINGS))  # apart: SIGTERM works while NATS is away
            try:
                yield
            finally:
                starting.cancel()
                handler.interrupt()
                await bus.close()
                if engine:
                    await engine.close()

    return Service(
        name="transcriber",
        settings=settings,
        ops=(settings.transcriber_ops_port, "TRANSCRIBER_OPS_PORT"),
        work=work,
        checks={"bus": bus.consuming_problem} | ({"engine": engine.problem} if engine else {}),
        alive=bus.alive,
    )
