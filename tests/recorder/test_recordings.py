"""Recordings find their calls, by name or by time, numbers and direction, in whatever order anything arrives."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.call import CallDetailRecorded
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from support.events import NOON
from support.recorder import PARTIES, PATIENT, PRACTICE, Row, as_json, event, everything, record, rows

OTHER = "+12125550124"


TWILIOS = event(RecordingReady, recording_sid="r1", recording_started_at=NOON, **PARTIES, metadata={})


def call(sid: str, *, minute: float = 0, lasts: int = 120, **more: Any) -> AnyEvent:
    """A CDR of VoIP.ms: a call that began so many minutes after noon."""
    started = NOON + timedelta(minutes=minute)
    said: dict[str, Any] = {
        "direction": "inbound",
        "status": "completed",
        "duration": lasts,
        "started_at": started,
        "ended_at": started + timedelta(seconds=lasts),
        **PARTIES,
        "metadata": {},
    } | more
    return event(CallDetailRecorded, provider="voipms", minute=minute, call_sid=sid, **said)


def recording(sid: str, *, minute: float = 0, **more: Any) -> AnyEvent:
    """A recording of VoIP.ms, which does not say of which call."""
    said: dict[str, Any] = {"recording_started_at": NOON + timedelta(minutes=minute), **PARTIES, "metadata": {}} | more
    return event(RecordingReady, provider="voipms", minute=minute + 3, recording_sid=sid, **said)


def transcript(sid: str, text: str, *, minute: float = 5) -> AnyEvent:
    heard: dict[str, Any] = {"recording_sid": sid, "transcription_text": text, "engine": "faster-whisper"}
    return event(TranscriptionCompleted, provider="voipms", minute=minute, **heard)


def links(connection: psycopg.Connection) -> dict[str, str | None]:
    return {row["recording_sid"]: row["call_sid"] for row in rows(connection, "recordings")}


def calls(connection: psycopg.Connection) -> dict[str, Row]:
    return {row["call_sid"]: row for row in rows(connection, "phone_calls")}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_recording_joins_its_call_whatever_comes_first(
    connection: psycopg.Connection, order: tuple[int, ...]
) -> None:
    events = [call("17"), recording("r1", minute=0.1), transcript("r1", "Hello")]
    for index in order:
        record(connection, as_json([events[index]]))
    (row,) = calls(connection).values()
    assert (row["call_sid"], row["recording_sid"], row["transcription_text"]) == ("17", "r1", "Hello")
    assert links(connection) == {"r1": "17"}


@pytest.mark.parametrize(
    ("recorded", "why"),
    [
        (recording("r1", minute=0.1, from_number=OTHER), "somebody else spoke"),
        (recording("r1", minute=0.1, direction="outbound"), "the other direction"),
        (recording("r1", minute=4), "after its end"),
        (recording("r1", minute=-2), "before its beginning"),
        (TWILIOS, "another provider"),
    ],
)
def test_a_recording_of_another_call_stays_alone(connection: psycopg.Connection, recorded: AnyEvent, why: str) -> None:
    record(connection, as_json([call("17"), recorded]))
    assert links(connection) == {"r1": None}, why
    assert set(calls(connection)) == {"17", "recording:r1"}


def test_of_several_calls_the_nearest_is_recorded(connection: psycopg.Connection) -> None:
    record(connection, as_json([recording("r1", minute=10.1), call("17", lasts=700)]))
    assert links(connection) == {"r1": "17"}
    record(connection, as_json([call("18", minute=10)]))
    assert links(connection) == {"r1": "18"}
    assert calls(connection)["17"]["recording_sid"] is None
    assert calls(connection)["18"]["recording_sid"] == "r1"


def test_without_numbers_only_a_lone_call_in_time_counts(connection: psycopg.Connection) -> None:
    nameless = recording("r1", minute=0.1, from_number=None, to_number=None)
    record(connection, as_json([nameless, call("17")]))
    assert links(connection) == {"r1": "17"}
    record(connection, as_json([call("18", minute=0.2, from_number=OTHER)]))
    assert links(connection) == {"r1": None}
    assert set(calls(connection)) == {"17", "18", "recording:r1"}
    assert calls(connection)["17"]["recording_sid"] is None


def test_the_name_of_the_call_counts_more_than_time(connection: psycopg.Connection) -> None:
    record(connection, as_json([call("17"), call("18", minute=60), recording("r1", minute=0.1)]))
    assert links(connection) == {"r1": "17"}
    record(connection, as_json([recording("r1", minute=0.1, call_sid="18")]))
    assert links(connection) == {"r1": "18"}
    assert calls(connection)["17"]["recording_sid"] is None


def test_of_several_recordings_the_call_shows_the_last_and_keeps_all(connection: psycopg.Connection) -> None:
    record(
        connection, as_json([recording("r2", minute=1), call("17"), recording("r1", minute=0), transcript("r1", "Hi")])
    )
    assert links(connection) == {"r1": "17", "r2": "17"}
    assert calls(connection)["17"]["recording_sid"] == "r2"
    texts = {row["recording_sid"]: row["transcription_text"] for row in rows(connection, "recordings")}
    assert texts == {"r1": "Hi", "r2": None}


MORNING = as_json(
    [
        call("17", lasts=700),
        call("17", lasts=700, price="0.0150"),
        call("18", minute=10),
        call("19", minute=10.5, from_number=OTHER),
        call("20", minute=30, from_number=PRACTICE, to_number=PATIENT, direction="outbound"),
        call("21", minute=31, lasts=0, status="no-answer"),
        recording("r1", minute=0.1),
        recording("r2", minute=10.1),
        recording("r3", minute=10.6, from_number=OTHER),
        recording("r4", minute=30.1, from_number=PRACTICE, to_number=PATIENT, direction="outbound"),
        recording("r5", minute=10.4, from_number=None, to_number=None),
        recording("r6", minute=50),
        recording("r2", minute=10.1, call_sid="17"),
        transcript("r2", "the second"),
        transcript("r6", "nobody knows"),
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(MORNING), size=st.integers(1, 6))
def test_any_order_links_alike(connection: psycopg.Connection, order: list[Row], size: int) -> None:
    with connection.transaction(force_rollback=True):
        record(connection, MORNING)
        expected = everything(connection)
    with connection.transaction(force_rollback=True):
        for start in range(0, len(order), size):
            record(connection, order[start : start + size])
        assert everything(connection) == expected


def test_replicas_that_write_at_the_same_time_link_alike(connection: psycopg.Connection, migrated_url: str) -> None:
    days = 12
    found = [
        each
        for day in range(days)
        for each in (call(f"c{day}", minute=day * 60), recording(f"r{day}", minute=day * 60 + 0.1))
    ]

    def write(events: list[AnyEvent]) -> None:
        with psycopg.connect(migrated_url, autocommit=True) as own:
            for each in events:
                record(own, as_json([each]))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, [found[0::2], found[1::2], found[::-1], found]))
    assert links(connection) == {f"r{day}": f"c{day}" for day in range(days)}
    assert set(calls(connection)) == {f"c{day}" for day in range(days)}
