"""The service's side of the worker process: start it, give it one job at a time, notice its death, kill it."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis import logs
from chassis.failures import Unavailable
from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from contracts.recording import TranscriptionFailure
from transcriber.engine.protocol import ANSWERS, Answer, Begun, Done, Job, NoModel, Ready, Unusable
from transcriber.transcript import Transcript

log = logs.get(__name__)

_LONGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of the longest line: two hours of talk stay far below."""

_INHERITED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG", "LC_ALL", "TZ")
"""The worker reads files from outside, so it is not told our secrets."""

_ON_ITS_OWN = {"HF_HUB_OFFLINE": "1", "ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
"""It never uses the network: no look-up of models, and none of the telemetry that ONNX Runtime, which detects speech,
otherwise sends to its makers (ONNX Runtime docs: Privacy). And it takes one core."""


@dataclass(frozen=True)
class Limits:
    """Seconds after which the worker is taken for hung."""

    start: float = 180.0
    """Until the model is loaded; the first start joins and checks 150 MB, on a machine that may be busy."""
    job: float = 60.0
    """For any job, and for decoding."""
    per_second: float = 1.0
    """More for each second of each channel: some five times what a free core needs."""


class Worker:
    """A running worker with its model loaded."""

    def __init__(self, process: Process, limits: Limits) -> None:
        self._process = process
        self._limits = limits

    @classmethod
    async def start(cls, arguments: Sequence[str], limits: Limits) -> Self:
        """Start one and wait for its model. Raises `Unavailable` when there is no model, `TemporaryFailure` otherwise.

        It must be started from the main thread: the kernel ends it with the thread that started it.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "transcriber.engine.worker", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            env=_environment(),
            limit=_LONGEST_ANSWER,
            start_new_session=True,  # a Ctrl-C is for the service, which then ends the worker
        )
        worker = cls(process, limits)
        try:
            _expect_ready(await worker._answer(limits.start))
        except BaseException:
            await worker.kill()
            raise
        log.info("engine started", pid=process.pid)
        return worker

    @property
    def running(self) -> bool:
        """Whether it can take a job."""
        return self._process.returncode is None

    async def transcribe(self, recording: Path) -> Transcript:
        """One job. Raises what `Engine.transcribe` says; after anything but `PermanentFailure` it is of no more use."""
        await self._send(Job(recording=recording))
        seconds = self._limits.job
        while True:
            match await self._answer(seconds):
                case Begun(audio_seconds=length, channels=channels):
                    seconds = self._limits.job + self._limits.per_second * length * channels
                    log.info("transcribing", audio_seconds=round(length, 1), channels=channels)
                case Done(transcript=transcript):
                    return transcript
                case Unusable(reason=reason, detail=detail):
                    raise PermanentFailure(reason, detail)
                case other:
                    raise _failed(getattr(other, "detail", other.kind))

    async def _send(self, job: Job) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # its death shows when it does not answer
            self._process.stdin.write(job.model_dump_json().encode() + b"\n")
            await self._process.stdin.drain()

    async def _answer(self, seconds: float) -> Answer:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                line = await self._process.stdout.readline()
                if line:
                    return ANSWERS.validate_json(line)
                raise _failed(f"the engine died: {_cause(await self._process.wait())}")
        except TimeoutError as error:
            raise _failed(f"the engine did not finish within {seconds:.0f} s") from error
        except ValueError as error:
            raise _failed("the engine answered nonsense") from error

    async def kill(self) -> None:
        """End it at once, whatever it does, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def _expect_ready(answer: Answer) -> None:
    match answer:
        case Ready():
            return
        case NoModel(detail=detail):
            raise Unavailable(detail)
        case other:
            raise _failed(f"unexpected {other.kind} at start")


def _failed(detail: str) -> TemporaryFailure:
    return TemporaryFailure(TranscriptionFailure.ENGINE_FAILED, detail)


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _environment() -> dict[str, str]:
    inherited = {name: value for name in _INHERITED if (value := os.environ.get(name))}
    return {**inherited, **_ON_ITS_OWN}
