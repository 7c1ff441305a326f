"""The spool as the event loop sees it: one thread does all writing, and everybody who waits shares one sync."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from chassis import logs
from chassis.encoding import Encoded
from chassis.failures import Unavailable
from gateway.publishing.store import Full, Status, Store

log = logs.get(__name__)

T = TypeVar("T")

MOST_TOGETHER = 512
"""Jobs in one transaction."""
MOST_WAITING = 10_000
"""Jobs in line; a disk that does not keep up with them must not fill the memory."""
STATUS_SECONDS = 1.0
"""How old `Spool.status` may get while the spool is used."""


@dataclass(frozen=True)
class _Job:
    work: Callable[[Store], Any]
    answer: asyncio.Future[Any]


class Spool:
    """Keeps events on the disk until they are removed. Every method raises `Unavailable` when the disk fails it."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self.directory = directory
        self.status = Status()
        """What it held a moment ago, for those who cannot wait."""
        self._store = Store(directory, max_bytes)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._looked_at = 0.0
        self._failing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)  # a hung disk cannot hold the exit

    def start(self) -> None:
        """Begin to work; before that jobs only queue."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def put(self, events: Sequence[Encoded]) -> None:
        """Return when `events` are on the disk, all of them."""
        await self._do(lambda store: store.put(events))

    async def oldest(self, most: int) -> list[Encoded]:
        """The first events, in the order they came."""
        return await self._do(lambda store: store.oldest(most))

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget events that are durable elsewhere."""
        await self._do(lambda store: store.remove(ids))

    async def set_aside(self, event: Encoded, reason: str) -> None:
        """Take an event out of the queue and keep it."""
        await self._do(lambda store: store.set_aside(event, reason))

    async def try_again(self) -> int:
        """Put everything that was set aside back in the queue; how many that were."""
        return await self._do(lambda store: store.try_again())

    async def head(self) -> int | None:
        """The place of the first event, growing; None when there is none."""
        return await self._do(lambda store: store.head())

    async def problem(self) -> str | None:
        """Why it takes no more events; None when it does."""
        try:
            return await self._do(lambda store: store.problem())
        except Unavailable as error:
            return str(error)

    async def close(self) -> None:
        """Finish what is in line, and close the file."""
        self._jobs.put(None)
        while self._thread.is_alive():
            await asyncio.sleep(0.005)

    async def _do(self, work: Callable[[Store], T]) -> T:
        if self._jobs.qsize() >= MOST_WAITING:
            raise Unavailable("the spool's disk does not keep up")
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.put(job)
        answer: T = await job.answer
        return answer

    def _run(self) -> None:
        """The thread: everything that waits at this moment goes into the next transaction."""
        while (first := self._jobs.get()) is not None:
            jobs, last = [first], False
            with contextlib.suppress(Empty):
                while len(jobs) < MOST_TOGETHER and not last:
                    job = self._jobs.get_nowait()
                    last = job is None
                    jobs += [job] if job else []
            self._tell(jobs, self._outcomes(jobs))
            if last:
                break
        self._store.close()

    def _outcomes(self, jobs: Sequence[_Job]) -> list[Any]:
        """Each job's value, or the exception to raise from it."""
        try:
            try:
                outcomes = self._together(jobs)
            except (sqlite3.Error, OSError) as error:
                self._store.recover(error)
                outcomes = self._together(jobs)
        except (sqlite3.Error, OSError) as error:
            self._store.close()
            self._note(str(error))
            return [Unavailable(f"the spool cannot be written: {error}")] * len(jobs)
        except Exception as error:
            log.exception("a defect in the spool", kind=type(error).__name__)
            return [Unavailable(f"a defect in the spool: {type(error).__name__}")] * len(jobs)
        self._note(None)
        return outcomes

    def _together(self, jobs: Sequence[_Job]) -> list[Any]:
        outcomes: list[Any] = []
        with self._store.transaction():
            for job in jobs:
                try:
                    nobody_waits = job.answer.cancelled()  # it was told that the disk did not take the event in time
                    outcomes.append(None if nobody_waits else job.work(self._store))
                except Full as full:  # raised before anything is written: the others are not concerned
                    outcomes.append(full)
            if time.monotonic() - self._looked_at > STATUS_SECONDS:
                self.status, self._looked_at = self._store.status(), time.monotonic()
        return outcomes

    def _tell(self, jobs: Sequence[_Job], outcomes: Sequence[Any]) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(_answer, jobs, outcomes)

    def _note(self, failure: str | None) -> None:
        if failure and not self._failing:
            log.error("the spool cannot be written", directory=str(self.directory), error=failure)
        if self._failing and not failure:
            log.info("the spool can be written again", directory=str(self.directory))
        self._failing = failure is not None


def _answer(jobs: Sequence[_Job], outcomes: Sequence[Any]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.answer.done():
            continue
        if isinstance(outcome, Exception):
            job.answer.set_exception(outcome)
        else:
            job.answer.set_result(outcome)
