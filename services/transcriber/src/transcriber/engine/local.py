"""Whisper on this machine: a worker process that exists only while there is something to do."""

import asyncio
from pathlib import Path

from chassis import logs
from chassis.failures import Unavailable
from chassis.recordings.failures import PermanentFailure
from transcriber import model
from transcriber.engine.process import Limits, Worker
from transcriber.transcript import Transcript

log = logs.get(__name__)

IDLE_SECONDS = 300.0
"""How long a worker waits for the next recording before its memory is given back."""


class LocalEngine:
    """An `Engine`; started on first use, one recording at a time."""

    name = "faster-whisper"

    def __init__(
        self, folder: Path | None, data_dir: Path, *, limits: Limits | None = None, idle: float = IDLE_SECONDS
    ) -> None:
        """`folder` holds the model; None puts the packaged one together below `data_dir`."""
        self.model = folder.name if folder else model.NAME
        self._folder = folder
        self._arguments = ("--model", str(folder)) if folder else ("--cache", str(data_dir / "models"))
        self._limits = limits or Limits()
        self._idle = idle
        self._one_at_a_time = asyncio.Lock()
        self._worker: Worker | None = None
        self._ending: asyncio.Task[None] | None = None
        self._no_model: str | None = None

    async def transcribe(self, recording: Path) -> Transcript:
        """See `Engine.transcribe`. Cancelling it kills the worker."""
        async with self._one_at_a_time:
            self._stay()
            try:
                worker = await self._running_worker()
                transcript = await worker.transcribe(recording)
            except PermanentFailure:
                self._leave_later()
                raise
            except BaseException:
                await self._end()
                raise
            self._leave_later()
            return transcript

    async def _running_worker(self) -> Worker:
        if self._worker is None or not self._worker.running:
            try:
                self._worker = await Worker.start(self._arguments, self._limits)
            except Unavailable as error:
                self._no_model = str(error)
                raise
            self._no_model = None
        return self._worker

    def _stay(self) -> None:
        if self._ending:
            self._ending.cancel()
            self._ending = None

    def _leave_later(self) -> None:
        async def leave() -> None:
            await asyncio.sleep(self._idle)
            log.info("engine idle; ending it", after_seconds=self._idle)
            await self._end()

        self._ending = asyncio.create_task(leave())

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            await worker.kill()

    async def problem(self) -> str | None:
        """What is wrong with the model, as far as known without loading it."""
        return model.problem(self._folder) or self._no_model

    async def close(self) -> None:
        """Kill the worker; whoever waits for it gets a `TemporaryFailure`."""
        self._stay()
        await self._end()
