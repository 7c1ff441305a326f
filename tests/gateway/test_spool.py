"""The spool's promises, on a real disk: what was kept is there, in order and once, whatever happens to the file."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from chassis.encoding import Encoded
from chassis.failures import Unavailable
from gateway.publishing.locks import Claim
from gateway.publishing.spool import MOST_WAITING, Spool
from gateway.publishing.store import Full, Store

MB = 1_000_000


def event(number: int, body: bytes = b"{}") -> Encoded:
    return Encoded(f"id-{number}", "events.sms.received", body)


@contextlib.asynccontextmanager
async def opened(directory: Path, max_bytes: int = 20 * MB) -> AsyncIterator[Spool]:
    spool = Spool(directory, max_bytes)
    spool.start()
    yield spool
    await spool.close()


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    async with opened(tmp_path / "spool") as running:
        yield running


async def test_what_is_kept_comes_out_unchanged_in_order_and_once(spool: Spool) -> None:
    odd = Encoded("id-0", "events.call.received", b'\x00\xff"; drop table events; --')
    await spool.put([odd, event(2), event(1)])
    await spool.put([event(2, b"another body")])
    assert await spool.oldest(10) == [odd, event(2), event(1)]
    assert await spool.oldest(1) == [odd]


async def test_it_is_there_after_a_restart_and_gone_once_removed(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        await asyncio.gather(*(spool.put([event(number)]) for number in range(100)))
    async with opened(tmp_path) as spool:
        assert {each.id for each in await spool.oldest(1000)} == {f"id-{number}" for number in range(100)}
        await spool.remove([f"id-{number}" for number in range(99)])
    async with opened(tmp_path) as spool:
        assert await spool.oldest(1000) == [event(99)]


async def test_nothing_a_patient_wrote_stays_behind(spool: Spool) -> None:
    for number in range(50):
        await spool.put([event(number, b"canary words " * 50)])
    await spool.remove([f"id-{number}" for number in range(50)])
    await spool.head()
    assert [file.name for file in spool.directory.iterdir() if b"canary" in file.read_bytes()] == []


async def test_a_disk_that_does_not_keep_up_does_not_fill_the_memory(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB)  # it has not begun to write
    waiting = [asyncio.create_task(spool.put([event(number)])) for number in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="keep up"):
        await spool.put([event(-1)])
    for each in waiting:
        each.cancel()
    spool.start()
    await spool.put([event(1)])
    assert await spool.oldest(10) == [event(1)]
    await spool.close()


async def test_a_place_in_the_line_never_comes_again(spool: Spool) -> None:
    await spool.put([event(1)])
    first = await spool.head()
    await spool.remove(["id-1"])
    assert await spool.head() is None
    await spool.put([event(1)])
    assert (await spool.head(), first) == (2, 1)


async def test_what_is_set_aside_leaves_the_line_and_can_come_back(spool: Spool) -> None:
    await spool.put([event(1), event(2), event(3)])
    await spool.set_aside(event(2), "too large")
    assert await spool.oldest(10) == [event(1), event(3)]
    await spool.put([event(2)])  # the provider repeats it
    assert await spool.try_again() == 0
    assert await spool.oldest(10) == [event(1), event(3), event(2)]
    await spool.set_aside(event(1), "too large")
    assert await spool.try_again() == 1
    assert await spool.oldest(10) == [event(3), event(2), event(1)]


async def test_nobody_else_on_the_machine_can_read_it(spool: Spool) -> None:
    await spool.put([event(1)])
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (spool.directory, *spool.directory.iterdir())}
    assert modes.pop("spool") == 0o700
    assert {"spool-0001.db", "spool-0001.db-wal"} < set(modes)
    assert set(modes.values()) == {0o600}


async def test_a_full_spool_takes_nothing_grows_no_more_and_has_room_again_when_drained(tmp_path: Path) -> None:
    async with opened(tmp_path, MB) as spool:
        kept = 0
        with contextlib.suppress(Full):
            while True:
                await spool.put([event(kept, os.urandom(1000))])
                kept += 1
        assert kept > 600
        assert "configured size of 1 MB" in str(await spool.problem())
        with pytest.raises(Full):
            await spool.put([event(-1, bytes(100_000))])
        file = tmp_path / "spool-0001.db"
        assert file.stat().st_size < 2 * MB
        await spool.set_aside(event(0), "no good")  # works in a full spool
        await spool.remove([f"id-{number}" for number in range(kept)])
        await spool.try_again()
        await spool.remove(["id-0"])
        await spool.put([event(-1, bytes(100_000))])
        assert await spool.problem() is None
    assert file.stat().st_size < MB / 2


async def test_one_event_too_many_does_not_harm_those_it_shares_a_sync_with(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB)
    waiting = [
        asyncio.create_task(spool.put([each])) for each in (event(1), event(2, bytes(2 * MB)), event(3), event(4))
    ]
    await asyncio.sleep(0)
    waiting[3].cancel()
    spool.start()  # all of them are one transaction
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), Full, type(None), asyncio.CancelledError]
    assert await spool.oldest(10) == [event(1), event(3)]
    await spool.close()


async def test_a_page_is_bounded_in_bytes(spool: Spool) -> None:
    for number in range(6):
        await spool.put([event(number, bytes(900_000))])
    assert len(await spool.oldest(100)) == 5


@pytest.mark.parametrize("damage", [b"not a database at all" * 1000, b"SQLite format 3\x00" + b"\xff" * 20_000])
async def test_a_damaged_file_is_left_alone_and_a_new_one_begun(tmp_path: Path, damage: bytes) -> None:
    before = REGISTRY.get_sample_value("frontdesk_spool_damaged_total") or 0
    (tmp_path / "spool-0001.db").write_bytes(damage)
    async with opened(tmp_path) as spool:
        await spool.put([event(1)])
        assert await spool.problem() is None
    assert (tmp_path / "spool-0001.db").read_bytes() == damage
    async with opened(tmp_path) as spool:
        assert await spool.oldest(10) == [event(1)]
    assert sorted(file.name for file in tmp_path.glob("*.db")) == ["spool-0001.db", "spool-0002.db"]
    assert REGISTRY.get_sample_value("frontdesk_spool_damaged_total") == before + 1


async def test_a_file_damaged_while_it_is_used_does_not_stop_the_next_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool, opened(tmp_path) as another:
        await another.put([event(0)])
        await asyncio.gather(*(spool.put([event(number, bytes(2000))]) for number in range(1000)))
        with (tmp_path / "spool-0001.db").open("r+b") as file:
            file.write(b"\xff" * file.seek(0, os.SEEK_END))
            file.seek(0)
            file.write(b"\xff" * 1_000_000)
        (tmp_path / "spool-0001.db-wal").write_bytes(b"")
        for number in range(2000, 2050):
            await spool.put([event(number)])
            await another.put([event(number + 1000)])
    async with opened(tmp_path) as spool:
        found = {each.id for each in await spool.oldest(10_000)}
    assert {f"id-{number}" for number in (2049, 3049)} <= found


async def test_a_directory_that_somebody_deletes_is_made_again(spool: Spool) -> None:
    await spool.put([event(1)])
    shutil.rmtree(spool.directory)
    await spool.put([event(2)])
    assert await spool.oldest(10) == [event(2)]


async def test_a_place_that_cannot_be_written_says_so_and_works_once_it_can(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with opened(tmp_path / "file" / "spool") as spool:
        with pytest.raises(Unavailable, match="Not a directory"):
            await spool.put([event(1)])
        assert "Not a directory" in str(await spool.problem())
        (tmp_path / "file").unlink()
        assert await spool.problem() is None
        await spool.put([event(1)])


def test_processes_share_a_spool(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from pathlib import Path
from chassis.encoding import Encoded
from gateway.publishing.spool import Spool
async def main():
    spool = Spool(Path(sys.argv[1]), 20_000_000)
    spool.start()
    await asyncio.gather(*(spool.put([Encoded(f"{sys.argv[2]}-{n}", "events.x", b"{}")]) for n in range(300)))
    for n in range(300, 400):
        await spool.put([Encoded(f"{sys.argv[2]}-{n}", "events.x", b"{}")])
    await spool.close()
asyncio.run(main())
"""
    writers = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    store = Store(tmp_path, 20 * MB)
    with store.transaction():
        assert len({each.id for each in store.oldest(5000)}) == 1200
    store.close()


def test_only_one_drains_and_a_dead_one_is_replaced(tmp_path: Path) -> None:
    program = "import sys,time; from pathlib import Path; from gateway.publishing.locks import Claim\n"
    program += "claim = Claim(Path(sys.argv[1])); print(claim.take(), flush=True); time.sleep(60)"
    ours = Claim(tmp_path / "drain.lock")
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "drain.lock")], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not ours.take()
        other.kill()
        other.wait()
        assert ours.take()
    ours.release()


@dataclass(frozen=True)
class Crashed:
    """The files of a spool whose process died: thirty events, each synced by itself, nothing tidied up."""

    directory: Path
    ends: list[int]
    """How long SQLite's log was after each event."""


@pytest.fixture(scope="module")
def crashed() -> Iterator[Crashed]:
    with tempfile.TemporaryDirectory() as name:
        live, dead = Path(name) / "live", Path(name) / "dead"
        store, ends = Store(live, 20 * MB), []
        for number in range(30):
            with store.transaction():
                store.put([event(number, bytes(500))])
            ends.append((live / "spool-0001.db-wal").stat().st_size)
        shutil.copytree(live, dead)
        store.close()
        yield Crashed(dead, ends)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_torn_end_costs_only_what_lies_behind_the_tear(crashed: Crashed, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name) / "spool"
        shutil.copytree(crashed.directory, directory)
        log = directory / "spool-0001.db-wal"
        whole = log.read_bytes()
        cut = data.draw(st.integers(0, len(whole)), label="cut")
        rubbish = data.draw(st.binary(max_size=300), label="rubbish")
        log.write_bytes(whole[:cut] + rubbish)
        store = Store(directory, 20 * MB)
        with store.transaction():
            found = [each.id for each in store.oldest(100)]
            store.put([event(99)])
        store.close()
        assert found == [f"id-{number}" for number in range(sum(end <= cut for end in crashed.ends))]
        assert not (directory / "spool-0002.db").exists()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(st.integers(0, 20), max_size=4)),
        st.tuples(st.just("remove"), st.lists(st.integers(0, 20), max_size=6)),
        st.tuples(st.just("restart"), st.just([])),
        st.tuples(st.just("undo"), st.lists(st.integers(0, 20), max_size=4)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_it_behaves_like_a_list_without_repeats(steps: list[tuple[str, list[int]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        store, model = Store(Path(name), 20 * MB), list[int]()
        for step, numbers in steps:
            if step == "restart":
                store.close()
                store = Store(Path(name), 20 * MB)
            with contextlib.suppress(sqlite3.Error), store.transaction():
                if step == "remove":
                    store.remove([f"id-{number}" for number in numbers])
                else:
                    store.put([event(number) for number in numbers])
                if step == "undo":
                    raise sqlite3.OperationalError("as if the sync failed")
            if step == "remove":
                model = [number for number in model if number not in numbers]
            elif step == "put":
                model += [number for number in dict.fromkeys(numbers) if number not in model]
            with store.transaction():
                assert store.oldest(100) == [event(number) for number in model]
                assert store.status().events == len(model)
        store.close()
