"""The engine's worker exists while there is something to do, and is ended when it takes too long or is not wanted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.recordings.failures import TemporaryFailure
from support.recordings import RECORDINGS, silence
from support.waiting import eventually
from transcriber.engine.local import LocalEngine
from transcriber.engine.process import Limits

CALL = RECORDINGS / "bilingual_call.stereo.wav"


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{Path('/proc/self').resolve().name}/children").read_text().split())


@pytest.fixture
async def others() -> AsyncIterator[set[str]]:
    """Child processes of the tests that are no worker of this one; afterwards there must be no other."""
    before = children()
    yield before
    assert children() <= before


async def test_a_job_that_takes_too_long_is_ended_with_its_worker(models: Path, others: set[str]) -> None:
    engine = LocalEngine(None, models, limits=Limits(job=0.3, per_second=0.0))
    with pytest.raises(TemporaryFailure, match="did not finish within 0 s"):
        await engine.transcribe(CALL)
    assert children() <= others


async def test_a_cancelled_job_ends_its_worker(models: Path, others: set[str]) -> None:
    engine = LocalEngine(None, models)
    job = asyncio.create_task(engine.transcribe(CALL))
    await eventually(lambda: children() - others)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert children() <= others


async def test_an_idle_worker_is_ended_and_comes_back(models: Path, others: set[str], tmp_path: Path) -> None:
    (tmp_path / "silence.wav").write_bytes(silence())
    engine = LocalEngine(None, models, idle=0.2)
    for _ in range(2):
        assert (await engine.transcribe(tmp_path / "silence.wav")).text == ""
        assert children() - others
        await eventually(lambda: children() <= others)
    await engine.close()


async def test_without_a_model_it_is_unavailable_and_says_why(others: set[str], tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path, tmp_path)
    assert await engine.problem() == f"speech model in {tmp_path}: model.bin, config.json, tokenizer.json missing"
