"""What the recorder does by itself: fold the numbers for the charts, and remove what is older than the practice wants.

Every replica tries; the database lets one at a time. What is removed, and how it stays away, is in the migrations.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from chassis import logs
from recorder.database import Database
from recorder.metrics import REMOVED

log = logs.get(__name__)

FOLD_EVERY = 10.0
"""Seconds; what is not folded yet is summed up with every look at the charts."""
FORGET_EVERY = 3600.0
"""Seconds."""
_BATCH = 500
"""Calls, texts… removed in one transaction: recording waits for it."""


class Housekeeping:
    """Runs beside the projection. While the database is away nothing is done, and later all that is due."""

    def __init__(self, database: Database, keep_days: Mapping[str, int]) -> None:
        """`keep_days` by class, as `forget_old` has them; a class that is missing is kept for ever."""
        self._database = database
        self._keep_days = dict(keep_days)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep house while inside."""
        tasks = [asyncio.create_task(_repeatedly(self.fold, FOLD_EVERY))]
        if self._keep_days:
            tasks.append(asyncio.create_task(_repeatedly(self.forget_old, FORGET_EVERY)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def fold(self) -> None:
        """Fold the counts once. Raises `Unavailable`."""
        await self._database.call("fold_counts")

    async def forget_old(self) -> dict[str, int]:
        """Remove all that is due, in batches; returns the number of rows by class. Raises `Unavailable`."""
        total: dict[str, int] = {}
        while removed := [batch for batch in await self._forget_a_batch() if batch]:
            for retention, counts in removed[0].items():
                for kind, number in counts.items():
                    REMOVED.labels(retention, kind).inc(number)
                total[retention] = total.get(retention, 0) + sum(counts.values())
        for retention, number in total.items():
            log.info("removed what is old", retention=retention, rows=number, days=self._keep_days[retention])
            await self._database.call(
                "audit", who="recorder", action="retention", kind=retention, key=f"{number} rows", client=None
            )
        return total

    async def _forget_a_batch(self) -> list[dict[str, dict[str, int]]]:
        return await self._database.call("forget_old", days=self._keep_days, how_many=_BATCH)


async def _repeatedly(work: Callable[[], Awaitable[object]], every: float) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # what is not done now is done next time
            log.warning("housekeeping failed; trying again later", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(every)
