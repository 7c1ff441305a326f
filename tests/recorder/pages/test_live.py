"""News for open pages: one question for all of them, and nothing that grows."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.failures import Unavailable
from recorder.web.pages import live as lines
from recorder.web.pages.live import Live, TooManyListeners
from support.waiting import eventually


class Database:
    """What can be asked for the latest change."""

    def __init__(self) -> None:
        self.asked = 0
        self.event = 1
        self.away = False

    async def latest_change(self) -> Any:
        """See `Questions.latest_change`."""
        self.asked += 1
        if self.away:
            raise Unavailable("no connection to the database")
        return {"event": self.event}


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def live(database: Database) -> Live:
    return Live(database.latest_change, every=0.01)


async def told(line: AsyncIterator[str]) -> tuple[str, Any]:
    """The next event on a line."""
    async with asyncio.timeout(10):
        async for said in line:
            if said.startswith("event: "):
                kind, data = said.removeprefix("event: ").rstrip().split("\ndata: ")
                return kind, json.loads(data)
    raise EOFError


async def test_every_page_is_told_of_a_change_by_one_question(live: Live, database: Database) -> None:
    pages = [await live.listen() for _ in range(100)]
    first = {await told(page) for page in pages}
    assert len(first) == 1
    database.event += 1
    then = {await told(page) for page in pages}
    assert len(then) == 1
    assert then != first
    asked = database.asked
    await eventually(lambda: database.asked > asked + 3)
    assert database.asked < 1000, "pages ask for themselves"


async def test_a_page_that_reads_slowly_is_told_the_newest_only(live: Live, database: Database) -> None:
    slow, quick = await live.listen(), await live.listen()
    await told(slow)
    for _ in range(20):
        before = await told(quick)
        database.event += 1
    newest = await told(quick)
    while newest == before:
        newest = await told(quick)
    assert await told(slow) == newest


async def test_a_page_hears_that_the_database_is_away_and_when_it_is_back(live: Live, database: Database) -> None:
    page = await live.listen()
    known = await told(page)
    database.away = True
    assert await told(page) == ("away", "no connection to the database")
    database.away = False
    assert await told(page) == known


async def test_nobody_is_asked_when_nobody_listens(live: Live, database: Database) -> None:
    page = await live.listen()
    await told(page)
    await page.aclose()  # type: ignore[attr-defined]  # a generator
    await eventually(lambda: live._asking is not None and live._asking.done())
    asked = database.asked
    again = await live.listen()
    await told(again)
    await eventually(lambda: database.asked > asked)


async def test_lines_are_bounded_and_a_line_that_ends_makes_room(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_LISTENERS", 2)
    one, two = await live.listen(), await live.listen()
    await told(one)
    await told(two)
    with pytest.raises(TooManyListeners):
        await live.listen()
    await one.aclose()  # type: ignore[attr-defined]  # a generator
    await live.listen()


async def test_all_lines_end_when_the_process_stops(live: Live) -> None:
    page = await live.listen()
    await told(page)
    ending = asyncio.create_task(told(page))
    live.close()
    with pytest.raises(EOFError):
        await ending
    with pytest.raises(TooManyListeners):
        await live.listen()
