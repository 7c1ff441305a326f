"""What is older than the practice wants goes with its events, does not come back, and stays in the numbers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from contracts.call import CallDetailRecorded, CallStatusChanged
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsStatusChanged
from contracts.staff import AlertRaised, CallbackRequested
from recorder.database import Database
from recorder.housekeeping import Housekeeping
from recorder.settings import RecorderSettings
from recorder.web.pages.live import Live
from recorder.web.reading.questions import Questions
from support.events import NOON
from support.recorder import PARTIES, PATIENT, Row, as_json, event, everything, record, rows

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
EVERYTHING = {"calls": 30, "messages": 30, "requests": 30}


def ago(days: float) -> float:
    """As minutes after noon of the tests' day."""
    return (TODAY - timedelta(days=days) - NOON) / timedelta(minutes=1)


def of_a_day(name: str, minute: float) -> list[AnyEvent]:
    """A call with a transcript, a text, an alert and a request."""
    at = NOON + timedelta(minutes=minute)
    call: dict[str, Any] = {"call_sid": f"CA{name}"}
    said: dict[str, Any] = {"transcription_text": f"words of {name}", "engine": "faster-whisper"}
    done: dict[str, Any] = {"status": "completed", "started_at": at, "direction": "inbound"}
    return [
        event(CallStatusChanged, minute=minute, **call, **done, **PARTIES, metadata={}),
        event(RecordingReady, minute=minute + 1, **call, recording_sid=f"RE{name}", metadata={}),
        event(TranscriptionCompleted, minute=minute + 2, recording_sid=f"RE{name}", **said),
        event(SmsReceived, minute=minute, message_sid=f"SM{name}", **PARTIES, message=f"Hello, {name}", metadata={}),
        event(AlertRaised, minute=minute, kind="emergency_text", origin=f"SM{name}", **PARTIES),
        event(CallbackRequested, minute=minute, origin=f"CA{name}", number=PATIENT, name=name),
    ]


def counts(connection: psycopg.Connection) -> list[Any]:
    return connection.execute(
        "select kind, a, sum(n)::int, sum(total)::int from frontdesk.counts group by 1, 2 order by 1, 2"
    ).fetchall()


@pytest.fixture
def days(connection: psycopg.Connection) -> dict[str, list[Row]]:
    """The rows of a recent day, with an old day beside it in the database."""
    record(connection, as_json(of_a_day("new", ago(5))))
    recent = everything(connection)
    record(connection, as_json(of_a_day("old", ago(40))))
    return recent


async def test_what_is_old_goes_and_nothing_else(
    database: Database, connection: psycopg.Connection, days: dict[str, list[Row]]
) -> None:
    before = counts(connection)
    removed = await Housekeeping(database, EVERYTHING).forget_old()
    assert everything(connection) == days
    assert connection.execute("select count(*) from events").fetchone() == (6,)
    assert removed == {"calls": 5, "messages": 2, "requests": 4}
    assert counts(connection) == before


async def test_what_is_delivered_again_does_not_come_back(
    direct: Database, connection: psycopg.Connection, days: dict[str, list[Row]]
) -> None:
    await Housekeeping(direct, EVERYTHING).forget_old()
    before = counts(connection)
    assert await direct.record(as_json([*of_a_day("old", ago(40)), *of_a_day("new", ago(5))])) == 0
    assert everything(connection) == days
    assert counts(connection) == before


CLASSES = {
    "calls": {"phone_calls", "recordings"},
    "messages": {"sms_conversations", "conversations"},
    "requests": {"alerts", "callback_requests"},
}


@pytest.mark.parametrize("old", CLASSES)
async def test_each_class_is_removed_by_itself(
    direct: Database, connection: psycopg.Connection, days: dict[str, list[Row]], old: str
) -> None:
    before = everything(connection)
    await Housekeeping(direct, {old: 30}).forget_old()
    after = everything(connection)
    for table in before:
        assert after[table] == (days if table in CLASSES[old] else before)[table], table


async def test_words_can_go_before_their_calls(
    direct: Database, connection: psycopg.Connection, days: dict[str, list[Row]]
) -> None:
    removed = await Housekeeping(direct, {"transcripts": 30}).forget_old()
    assert removed == {"transcripts": 1}
    recordings = {row["recording_sid"]: row for row in rows(connection, "recordings")}
    assert recordings["REnew"]["transcription_text"] == "words of new"
    assert recordings["REold"]["transcription_text"] is None
    assert recordings["REold"]["transcription_status"] == "completed"
    assert {row["transcription_text"] for row in rows(connection, "phone_calls")} == {"words of new", None}
    assert await direct.record(as_json(of_a_day("old", ago(40)))) == 0
    assert await direct.call("search", asked="words", after=None, how_many=9) != []
    assert "words of old" not in str(connection.execute("select data from events").fetchall())


@pytest.mark.parametrize("old", [*CLASSES, "transcripts"])
async def test_open_pages_hear_of_it(
    direct: Database, connection: psycopg.Connection, days: dict[str, list[Row]], old: str
) -> None:
    many_newer(connection)
    page = await Live(Questions(direct).latest_change, every=0.01).listen()
    before = await heard(page)
    assert await Housekeeping(direct, {old: 30}).forget_old() != {}
    assert await heard(page) != before


async def test_removals_that_commit_out_of_order_are_both_heard_of(
    direct: Database, connection: psycopg.Connection, migrated_url: str
) -> None:
    record(connection, as_json([*of_a_day("one", ago(5)), *of_a_day("two", ago(5))]))
    many_newer(connection)
    ask = Questions(direct).latest_change
    with psycopg.connect(migrated_url) as slow:
        slow.execute("delete from events where data ->> 'message_sid' = 'SMone'")
        connection.execute("delete from events where data ->> 'message_sid' = 'SMtwo'")
        between = await ask()
        slow.commit()
    assert await ask() != between


def many_newer(connection: psycopg.Connection) -> None:
    """So many that what was there before is not among the newest events, whose change is seen by itself."""
    text: dict[str, Any] = {**PARTIES, "message": "x", "metadata": {}}
    record(connection, as_json([event(SmsReceived, minute=ago(1), message_sid=f"SM{n}", **text) for n in range(2000)]))


async def heard(page: AsyncIterator[str]) -> str:
    """The next version that an open page is told."""
    async with asyncio.timeout(10):
        return await anext(said async for said in page if said.startswith("event: version"))


async def test_a_thing_stays_whole_while_anything_about_it_is_recent(
    direct: Database, connection: psycopg.Connection, days: dict[str, list[Row]]
) -> None:
    price = event(CallDetailRecorded, minute=ago(3), call_sid="CAold", status="completed", price="1", metadata={})
    status = event(SmsStatusChanged, minute=ago(3), message_sid="SMold", status="read", metadata={})
    await direct.record(as_json([price, status]))
    before = everything(connection)
    await Housekeeping(direct, {"calls": 30, "messages": 30}).forget_old()
    assert everything(connection) == before
    await Housekeeping(direct, {"calls": 1, "messages": 1}).forget_old()
    assert rows(connection, "phone_calls") == rows(connection, "sms_conversations") == []


async def test_a_thread_whose_last_text_goes_ends_with_the_one_that_stays(
    direct: Database, connection: psycopg.Connection
) -> None:
    texts = [
        event(SmsReceived, minute=ago(age), message_sid=f"SM{age}", **PARTIES, message="x", metadata={})
        for age in (50, 40)
    ]
    late = event(SmsStatusChanged, minute=ago(3), message_sid="SM50", status="read", metadata={})
    record(connection, as_json([*texts, late]))
    assert await Housekeeping(direct, {"messages": 30}).forget_old() != {}
    [thread] = await direct.call("list_conversations", after=None, how_many=9)
    assert thread["last"]["message_sid"] == "SM50"


async def test_marks_notes_and_threads_go_with_what_they_are_about(
    direct: Database, connection: psycopg.Connection
) -> None:
    record(connection, as_json(of_a_day("old", ago(40))))
    [thread] = [row["conversation_id"] for row in rows(connection, "conversations")]
    for kind, key in (("call", "twilio/CAold"), ("conversation", thread)):
        await direct.call("mark_done", kind=kind, key=key, done=True, who="Ann")
        await direct.call("add_note", kind=kind, key=key, note="Call on Monday", who="Ann")
    await Housekeeping(direct, EVERYTHING).forget_old()
    assert not any(everything(connection).values())
    for table in ("staff_marks", "notes", "events"):
        assert connection.execute(f"select count(*) from {table}".encode()).fetchone() == (0,)


async def test_many_go_in_batches_and_it_is_written_down(direct: Database, connection: psycopg.Connection) -> None:
    many = [
        event(SmsReceived, minute=ago(40) + n, message_sid=f"SM{n}", **PARTIES, message="x", metadata={})
        for n in range(1201)
    ]
    await direct.record(as_json(many))
    await direct.call("audit", who="Ann", action="looked", kind="call", key="1", client=None)
    connection.execute("update audit_log set at = at - interval '90 days'")
    removed = await Housekeeping(direct, {"messages": 30, "audit": 60}).forget_old()
    assert removed == {"messages": 1201 * 2 + 1, "audit": 1}
    audited = connection.execute("select who, action, kind, key from audit_log order by kind").fetchall()
    assert audited == [("recorder", "retention", "audit", "1 rows"), ("recorder", "retention", "messages", "2403 rows")]


async def test_one_replica_at_a_time(
    direct: Database, connection: psycopg.Connection, days: dict[str, list[Row]]
) -> None:
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(7420335)")
        assert await Housekeeping(direct, EVERYTHING).forget_old() == {}
    assert await Housekeeping(direct, EVERYTHING).forget_old() != {}


def test_what_is_not_said_is_kept_for_ever() -> None:
    nowhere: dict[str, Any] = {"nats_url": "nats://x", "database_url": "postgresql://x"}
    assert RecorderSettings(**nowhere).keep_days == {}
    assert RecorderSettings(**nowhere, retention_days_calls=9).keep_days == {"calls": 9}
