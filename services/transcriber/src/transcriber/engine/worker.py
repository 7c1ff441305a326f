"""The engine's own process: holds the model, decodes and transcribes one file after the other.

It is a process because a thread can neither be killed nor survive a crash of native code, and because its memory goes
back to the system when it ends. Run by `transcriber.engine.process`, which nothing here is imported by.
"""

import argparse
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from chassis.recordings.failures import PermanentFailure
from transcriber import model
from transcriber.audio import decode
from transcriber.engine.protocol import Answer, Begun, Broken, Done, Job, NoModel, Ready, Unusable
from transcriber.engine.whisper import Whisper
from transcriber.speakers import voices

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until stdin closes."""
    _bind_to_parent()
    with _private_stdout() as out:
        for answer in _answers(_arguments(), sys.stdin):
            out.write(answer.model_dump_json() + "\n")
            out.flush()


def _bind_to_parent() -> None:
    """End with the service, also in the middle of a job, and never leave a core file with a patient's voice in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def _private_stdout() -> TextIO:
    """The stdout we were given; what a library prints goes to stderr, where it cannot be taken for an answer."""
    ours = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return ours


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--model", type=Path, help="folder of a model")
    place.add_argument("--cache", type=Path, help="where the packaged model is put together")
    return parser.parse_args()


def _answers(arguments: argparse.Namespace, jobs: Iterable[str]) -> Iterator[Answer]:
    try:
        whisper = Whisper(arguments.model or model.packaged(arguments.cache))
    except (model.ModelUnusable, OSError, RuntimeError, ValueError) as error:
        yield NoModel(detail=str(error))
        return
    yield Ready()
    for job in jobs:
        yield from _transcribe(whisper, Job.model_validate_json(job).recording)


def _transcribe(whisper: Whisper, recording: Path) -> Iterator[Answer]:
    try:
        audio = decode(recording)
        heard = voices(audio)
        yield Begun(audio_seconds=audio.seconds, channels=len(heard))
        yield Done(transcript=whisper.transcribe(audio, heard))
    except PermanentFailure as failure:
        yield Unusable(reason=failure.reason, detail=failure.detail)
    except Exception as error:
        yield Broken(detail=f"{type(error).__name__} at {_place(error)}")


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "unknown"


if __name__ == "__main__":
    main()
