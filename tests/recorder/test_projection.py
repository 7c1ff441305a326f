"""From the bus into the rows, whatever stops on the way."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chassis.bus import Bus
from chassis.failures import Unavailable
from contracts.call import CallStatusChanged
from contracts.dead_letters import REASON_HEADER, SUBJECT_HEADER
from contracts.recording import TranscriptionCompleted
from contracts.topology import RECORDER
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats
from ops.embedded.postgres import EmbeddedPostgres
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.migrate import migrate
from recorder.projection import Projection
from support.backends import NatsServer
from support.consumers import settled
from support.recorder import TAKES_NO_POISON, as_its_role, as_json, event, everything, record, rows
from support.recorder_day import a_day
from support.waiting import eventually


@contextlib.asynccontextmanager
async def recording(nats: NatsServer, database: Database) -> AsyncIterator[None]:
    """A recorder with the recorder's own rights on the bus."""
    bus = Bus("recorder", nats.url("recorder"))
    async with Projection(bus, database).running():
        yield
    await bus.close()


async def published(operator: Bus, each: CallStatusChanged) -> bool:
    """Whether the bus is back and took it."""
    try:
        await operator.publish(each)
    except Unavailable:
        return False
    return True


async def dead_letters(operator: Bus) -> int:
    return (await operator.js.stream_info("DEAD_LETTERS")).state.messages


def status(number: int, *, duration: int = 1) -> CallStatusChanged:
    made = event(CallStatusChanged, call_sid=f"CA{number}", status="completed", duration=duration, metadata={})
    assert isinstance(made, CallStatusChanged)
    return made


async def test_a_day_on_the_bus_becomes_the_rows_of_the_day(
    nats: NatsServer, operator: Bus, database: Database, connection: psycopg.Connection
) -> None:
    record(connection, as_json(a_day()))
    expected = everything(connection)
    connection.execute("truncate events, frontdesk.event_targets, phone_calls, sms_conversations, consent, alerts")
    connection.execute("truncate callback_requests, appointment_requests")
    for each in a_day():
        await operator.js.publish(each.bus_subject, each.to_json())  # no message id: repeats with news get through
    async with recording(nats, database):
        await eventually(lambda: settled(operator, RECORDER))
    assert everything(connection) == expected
    assert await dead_letters(operator) == 0


async def test_a_lone_event_is_recorded_without_waiting_for_others(
    nats: NatsServer, operator: Bus, direct: Database, connection: psycopg.Connection
) -> None:
    async with recording(nats, direct):
        for number in range(5):
            started = time.monotonic()
            await operator.publish(status(number))
            await eventually(lambda: settled(operator, RECORDER))
            assert time.monotonic() - started < 2
    assert len(rows(connection, "phone_calls")) == 5


async def test_two_replicas_share_the_work(
    nats: NatsServer, operator: Bus, recorders_url: str, connection: psycopg.Connection
) -> None:
    first, second = DirectDatabase(recorders_url), DirectDatabase(recorders_url)
    async with recording(nats, first), recording(nats, second):
        await asyncio.gather(*(operator.publish(status(number % 50, duration=number)) for number in range(500)))
        await eventually(lambda: settled(operator, RECORDER))
    assert len(rows(connection, "phone_calls")) == 50
    await first.close()
    await second.close()


async def test_poison_among_good_events_is_set_aside_alone(
    nats: NatsServer, operator: Bus, database: Database, connection: psycopg.Connection
) -> None:
    connection.execute(TAKES_NO_POISON)
    for number in range(30):
        await operator.publish(status(number))
    await operator.publish(event(CallStatusChanged, call_sid="CApoison", status="completed", metadata={}))
    await operator.js.publish("events.call.status_changed", b"not an event")
    await operator.js.publish("events.call.status_changed", b'{"specversion":"1.0","type":"frontdesk.call.parked.v1"}')
    await operator.publish(status(99))
    async with recording(nats, database):
        await eventually(lambda: settled(operator, RECORDER))
    assert {row["call_sid"] for row in rows(connection, "phone_calls")} == {f"CA{n}" for n in [*range(30), 99]}
    letters = [await operator.js.get_msg("DEAD_LETTERS", seq) for seq in (1, 2)]
    assert await dead_letters(operator) == 2
    reasons = {(letter.data == b"not an event", (letter.headers or {})[REASON_HEADER]) for letter in letters}
    assert reasons == {(True, "invalid"), (False, "refused")}
    assert {(letter.headers or {})[SUBJECT_HEADER] for letter in letters} == {"events.call.status_changed"}


async def test_a_service_cannot_pass_off_its_words_as_an_event_of_another(
    nats: NatsServer, operator: Bus, direct: Database, connection: psycopg.Connection
) -> None:
    transcriber = Bus("transcriber", nats.url("transcriber"))
    await transcriber.connect()
    await transcriber.js.publish("events.transcription.failed", status(1).to_json(), stream="EVENTS")
    await transcriber.close()
    async with recording(nats, direct):
        await eventually(lambda: settled(operator, RECORDER))
    assert await dead_letters(operator) == 1
    assert rows(connection, "phone_calls") == []


async def test_many_long_transcripts_are_recorded(
    nats: NatsServer, operator: Bus, direct: Database, connection: psycopg.Connection
) -> None:
    for number in range(20):
        long: dict[str, Any] = {"call_sid": f"CA{number}", "transcription_text": "word " * 60_000, "engine": "x"}
        await operator.publish(event(TranscriptionCompleted, recording_sid=f"RE{number}", **long))
    async with recording(nats, direct):
        await eventually(lambda: settled(operator, RECORDER))
    assert {len(row["transcription_text"]) for row in rows(connection, "phone_calls")} == {300_000}
    assert len(rows(connection, "phone_calls")) == 20


async def test_a_text_with_nul_characters_is_kept(
    nats: NatsServer, operator: Bus, direct: Database, connection: psycopg.Connection
) -> None:
    made = event(CallStatusChanged, call_sid="CA1", status="a\0b", metadata={"key\0": "\\u0000 is six characters"})
    await operator.publish(made)
    async with recording(nats, direct):
        await eventually(lambda: settled(operator, RECORDER))
    [row] = rows(connection, "phone_calls")
    assert row["status"] == "a\N{REPLACEMENT CHARACTER}b"
    assert row["metadata"] == {"key\N{REPLACEMENT CHARACTER}": "\\u0000 is six characters"}


@pytest.fixture
def own_postgres(open_path: Path) -> Iterator[EmbeddedPostgres]:
    """A database that a test may stop."""
    server = EmbeddedPostgres(open_path / "postgres", durable=False).start()
    yield server
    server.stop()
    shutil.rmtree(server.directory)


async def test_nothing_is_lost_or_doubled_while_the_database_is_away(
    nats: NatsServer, operator: Bus, own_postgres: EmbeddedPostgres
) -> None:
    migrate(own_postgres.url)
    database = DirectDatabase(as_its_role(own_postgres.url))
    async with recording(nats, database):
        await operator.publish(status(0))
        await eventually(lambda: settled(operator, RECORDER))
        own_postgres.stop()
        for number in range(1, 300):
            await operator.publish(status(number))
        await eventually(database.problem)
        assert not await settled(operator, RECORDER)
        own_postgres.start()
        await eventually(lambda: settled(operator, RECORDER), within=20)
    await database.close()
    with psycopg.connect(own_postgres.url) as connection:
        assert len(rows(connection, "phone_calls")) == 300
        assert connection.execute("select count(*) from events").fetchone() == (300,)
    assert await dead_letters(operator) == 0


async def test_stopping_while_the_database_is_away_is_quick_and_loses_nothing(
    nats: NatsServer, operator: Bus, free_port: int, direct: Database, connection: psycopg.Connection
) -> None:
    away = DirectDatabase(f"postgresql://postgres@127.0.0.1:{free_port}/postgres")

    async def in_hand() -> bool:
        info = await operator.js.consumer_info("EVENTS", RECORDER.name)
        return bool(info.num_ack_pending == 3)

    for number in range(3):
        await operator.publish(status(number))
    async with asyncio.timeout(8):
        async with recording(nats, away):
            await eventually(in_hand)
        await away.close()
    async with recording(nats, direct):
        await eventually(lambda: settled(operator, RECORDER), within=8)
    assert len(rows(connection, "phone_calls")) == 3


async def test_a_restart_of_the_bus_is_survived(
    tmp_path: Path, direct: Database, connection: psycopg.Connection
) -> None:
    (tmp_path / "nats").mkdir()
    server = EmbeddedNats(tmp_path / "nats").start()
    await apply(server.url())
    operator = Bus("operator", server.url())
    await operator.connect()
    async with recording(server, direct):
        await operator.publish(status(1))
        await eventually(lambda: len(rows(connection, "phone_calls")) == 1)
        server.stop()
        server.start()
        await eventually(lambda: published(operator, status(2)))
        await eventually(lambda: len(rows(connection, "phone_calls")) == 2, within=20)
    await operator.close()
    server.stop()
