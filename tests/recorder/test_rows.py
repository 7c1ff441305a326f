"""What each event makes of the tables."""

from typing import Any

import psycopg
import pytest

from contracts import EVENTS
from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged, CallTurnTaken
from contracts.consent import ConsentChanged
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.recording import RecordingReady, TranscriptionCompleted, TranscriptionFailed, TranscriptionSkipped
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged, SmsSuppressed
from contracts.staff import AlertAcknowledged, AlertRaised, AppointmentRequested, CallbackRequested
from support.events import NOON
from support.recorder import PARTIES, PATIENT, PRACTICE, REPLY_PARTIES, Row, as_json, event, record, rows

AT_NOON = "2026-09-07T16:00:00+00:00"
THREAD = f"{PRACTICE}:{PATIENT}"
ANSWER: dict[str, Any] = {"in_reply_to": "SM1", "in_reply_to_provider": "twilio", "in_reply_to_event": "6" * 32}
SENT = event(SmsSent, message_sid="SM2", **REPLY_PARTIES, message="9-5", status="queued", category="hours", **ANSWER)
WITHHELD = event(SmsSuppressed, **REPLY_PARTIES, category="help", reason="rejected", error_code="21610", **ANSWER)
COMPLETED = event(
    TranscriptionCompleted,
    recording_sid="RE1",
    call_sid="CA1",
    transcription_text="Hello",
    segments=({"start": 0, "end": 1.5, "speaker": "channel_1", "text": "Hello"},),
    language="en",
    engine="faster-whisper",
    model="whisper-base",
    confidence=0.9,
    audio_seconds=1.5,
)

EXPECTED: list[tuple[AnyEvent, str, Row]] = [
    (
        event(SmsReceived, message_sid="SM1", **PARTIES, message="Hi", media=({"url": "https://x"},),
              metadata={"a": "b"}),
        "sms_conversations",
        {"provider": "twilio", "message_sid": "SM1", "direction": "inbound", "status": "received", "message": "Hi",
         "conversation_id": THREAD, "media": [{"url": "https://x"}], "auto_response": False, "category": None,
         "in_reply_to": None, "metadata": {"a": "b"}, "occurred_at": AT_NOON, "error_code": None,
         "error_message": None, **PARTIES},
    ),
    (
        event(SmsStatusChanged, message_sid="SM2", status="failed", error_code="30003", error_message="off",
              metadata={}),
        "sms_conversations",
        {"message_sid": "SM2", "direction": "outbound", "status": "failed", "error_code": "30003",
         "error_message": "off", "from_number": None, "conversation_id": None, "media": []},
    ),
    (
        SENT,
        "sms_conversations",
        {"message_sid": "SM2", "direction": "outbound", "status": "queued", "message": "9-5", "category": "hours",
         "auto_response": True, "in_reply_to": "SM1", "conversation_id": THREAD, **REPLY_PARTIES},
    ),
    (
        SENT,
        "sms_conversations",
        {"message_sid": "SM1", "direction": "inbound", "category": "hours", "status": None, "auto_response": False,
         "from_number": None, "message": None},
    ),
    (
        event(SmsSent, message_sid="SM2", **REPLY_PARTIES, message="9-5", status="queued", category="hours", **ANSWER,
              confidence=2.6e-61),
        "sms_conversations",
        {"message_sid": "SM1", "confidence": 0},
    ),
    (
        WITHHELD,
        "sms_conversations",
        {"message_sid": f"suppressed-{WITHHELD.id}", "direction": "outbound", "status": "suppressed", "message": None,
         "category": "help", "auto_response": True, "in_reply_to": "SM1", "conversation_id": THREAD,
         "metadata": {"reason": "rejected", "error_code": "21610"}},
    ),
    (WITHHELD, "sms_conversations", {"message_sid": "SM1", "direction": "inbound", "category": "help"}),
    (
        event(ConsentChanged, number=PATIENT, state="opted_out", message_sid="SM1"),
        "consent",
        {"number": PATIENT, "state": "opted_out", "message_sid": "SM1", "provider": "twilio", "changed_at": AT_NOON},
    ),
    (
        event(CallReceived, call_sid="CA1", **PARTIES, started_at=NOON, line="front_desk", metadata={"a": "b"}),
        "phone_calls",
        {"provider": "twilio", "call_sid": "CA1", "direction": "inbound", "status": "ringing", "started_at": AT_NOON,
         "ended_at": None, "duration": None, "transcription_status": None, "metadata": {"a": "b"}, **PARTIES},
    ),
    (
        event(CallStatusChanged, call_sid="CA1", account_sid="AC1", status="completed", duration=9, ended_at=NOON,
              recording_url="https://x", metadata={}),
        "phone_calls",
        {"call_sid": "CA1", "account_sid": "AC1", "status": "completed", "duration": 9, "ended_at": AT_NOON,
         "recording_url": "https://x", "transcription_status": None},
    ),
    (
        event(CallDetailRecorded, call_sid="CA1", status="no-answer", price="-0.0085", price_unit="USD", metadata={}),
        "phone_calls",
        {"call_sid": "CA1", "status": "no-answer", "price": -0.0085, "price_unit": "USD"},
    ),
    (event(CallTurnTaken, call_sid="CA1", turn=0, said="Hello"), "phone_calls", {"call_sid": "CA1", "status": None}),
    (
        event(RecordingReady, call_sid="CA1", recording_sid="RE1", recording_url="https://x", recording_duration=7,
              metadata={"c": "d"}),
        "phone_calls",
        {"call_sid": "CA1", "recording_sid": "RE1", "recording_url": "https://x", "recording_duration": 7,
         "transcription_status": "pending", "transcription_text": None, "transcription": None, "metadata": {"c": "d"}},
    ),
    (
        event(RecordingReady, provider="voipms", recording_sid="r9", recording_started_at=NOON, metadata={}),
        "phone_calls",
        {"provider": "voipms", "call_sid": "recording:r9", "recording_sid": "r9", "started_at": AT_NOON},
    ),
    (
        COMPLETED,
        "phone_calls",
        {"call_sid": "CA1", "transcription_status": "completed", "transcription_text": "Hello",
         "transcription": {
             "segments": [{"start": 0.0, "end": 1.5, "speaker": "channel_1", "text": "Hello"}], "language": "en",
             "engine": "faster-whisper", "model": "whisper-base", "confidence": 0.9, "audio_seconds": 1.5,
             "incomplete": False}},
    ),
    (
        event(TranscriptionFailed, recording_sid="RE1", call_sid="CA1", reason="not_audio", detail="text/html"),
        "phone_calls",
        {"transcription_status": "failed", "transcription_text": None,
         "transcription": {"reason": "not_audio", "detail": "text/html"}},
    ),
    (
        event(TranscriptionSkipped, recording_sid="RE1", call_sid="CA1"),
        "phone_calls",
        {"transcription_status": "skipped", "transcription": {"reason": "disabled"}},
    ),
    (
        event(AlertRaised, kind="emergency_text", origin="SM1", **PARTIES),
        "alerts",
        {"kind": "emergency_text", "origin": "SM1", "raised_at": AT_NOON, "provider": "twilio", **PARTIES},
    ),
    (
        event(NoticeSent, message_sid="SM3", purpose="missed_call", cause="CA1", **REPLY_PARTIES, message="Sorry!",
              status="queued"),
        "sms_conversations",
        {"message_sid": "SM3", "direction": "outbound", "status": "queued", "message": "Sorry!",
         "auto_response": True, "category": None, "in_reply_to": None, "conversation_id": THREAD,
         "metadata": {"purpose": "missed_call", "cause": "CA1", "step": 1}},
    ),
    (
        event(NoticeWithheld, purpose="missed_call", cause="CA1", to_number=PATIENT, reason="quiet_hours"),
        "withheld_notices",
        {"provider": "twilio", "purpose": "missed_call", "cause": "CA1", "step": 1, "from_number": None,
         "to_number": PATIENT, "reason": "quiet_hours", "error_code": None, "withheld_at": AT_NOON},
    ),
    (
        event(CallbackRequested, origin="CA1", number=PATIENT, name="Ann", about="a crown"),
        "callback_requests",
        {"origin": "CA1", "number": PATIENT, "name": "Ann", "about": "a crown", "requested_at": AT_NOON},
    ),
    (
        event(AppointmentRequested, origin="SM1", number=PATIENT, wish="Tuesday"),
        "appointment_requests",
        {"origin": "SM1", "number": PATIENT, "name": None, "wish": "Tuesday", "requested_at": AT_NOON},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "table", "expected"), EXPECTED, ids=lambda value: getattr(value, "bus_subject", ""))
def test_an_event_becomes_its_row(
    connection: psycopg.Connection, said: AnyEvent, table: str, expected: dict[str, Any]
) -> None:
    record(connection, as_json([said]))
    assert expected in [{name: row[name] for name in expected} for row in rows(connection, table)]


def test_every_event_type_is_among_the_expectations() -> None:
    assert {type(said) for said, _, _ in EXPECTED} | {AlertAcknowledged} == set(EVENTS)


@pytest.mark.parametrize("later", ["acknowledged", "alert"])
def test_whoever_takes_an_alert_first_is_named_beside_it(connection: psycopg.Connection, later: str) -> None:
    alert = event(AlertRaised, kind="emergency_text", origin="SM1", **PARTIES)
    taken = [
        event(AlertAcknowledged, minute=minute, origin="SM1", alert=alert.id, by_number=who)
        for minute, who in ((2, PRACTICE), (1, PATIENT))
    ]
    for each in [[alert], taken] if later == "acknowledged" else [taken, [alert]]:
        record(connection, as_json(each))
    (row,) = rows(connection, "alerts")
    assert (row["acknowledged_by"], row["acknowledged_at"]) == (PATIENT, "2026-09-07T16:01:00+00:00")


@pytest.mark.parametrize("side", ["from_number", "to_number"])
def test_a_report_that_names_one_side_belongs_to_no_thread(connection: psycopg.Connection, side: str) -> None:
    names_one_side: Any = {side: PATIENT}
    report = event(SmsStatusChanged, message_sid="SM2", status="sent", metadata={}, **names_one_side)
    record(connection, as_json([report]))
    (row,) = rows(connection, "sms_conversations")
    assert (row[side], row["conversation_id"]) == (PATIENT, None)
    assert rows(connection, "conversations") == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_thread_s_last_message_is_one_that_somebody_wrote(
    connection: psycopg.Connection, order: tuple[int, ...]
) -> None:
    withheld = event(SmsSuppressed, minute=3, **REPLY_PARTIES, category="help", reason="cooldown", **ANSWER)
    asked = event(SmsReceived, minute=2, message_sid="SM1", **PARTIES, message="Hi", metadata={})
    record(connection, as_json([withheld]))
    [alone] = rows(connection, "conversations")
    assert alone["last_message_sid"] == f"suppressed-{withheld.id}"
    story = [SENT, asked, withheld]
    for place in order:
        record(connection, as_json([story[place]]))
    [(found,)] = connection.execute("select list_conversations(null, 9)").fetchall()
    assert (found["last"]["message"], found["last"]["unanswered_because"]) == ("Hi", None)
    assert (found["last_at"], found["patient"]) == ("2026-09-07T16:02:00+00:00", PATIENT)


CALL_STATUSES = ["queued", "initiated", "ringing", "in-progress", "completed"]
SMS_STATUSES = ["accepted", "queued", "sending", "sent", "undelivered", "read"]


@pytest.mark.parametrize(("kind", "sid", "table", "statuses"), [
    (CallStatusChanged, "call_sid", "phone_calls", CALL_STATUSES),
    (SmsStatusChanged, "message_sid", "sms_conversations", SMS_STATUSES),
])  # fmt: skip
def test_a_status_never_goes_back(
    connection: psycopg.Connection, kind: type[AnyEvent], sid: str, table: str, statuses: list[str]
) -> None:
    """Newest first: what comes later says less; an unknown word says least."""
    subject: dict[str, Any] = {sid: "X", "metadata": {}}
    for reached in range(1, len(statuses) + 1):
        news = [event(kind, minute=-rank, **subject, status=status)
                for rank, status in enumerate(statuses[:reached])]  # fmt: skip
        record(connection, as_json([*news, event(kind, minute=5, **subject, status="whatever")]))
        assert [row["status"] for row in rows(connection, table)] == [
            statuses[reached - 1] if reached > 1 else "whatever"
        ]


def test_absent_and_null_never_beat_knowledge(connection: psycopg.Connection) -> None:
    known = event(CallStatusChanged, call_sid="CA1", status="completed", duration=9, metadata={"a": "1"})
    later = event(CallDetailRecorded, minute=1, call_sid="CA1", status="completed", metadata={"b": "2"})
    [silent] = as_json([later])
    silent["data"] |= {"duration": None, "from_number": None}
    record(connection, [*as_json([known]), silent])
    [row] = rows(connection, "phone_calls")
    assert row["duration"] == 9
    assert row["metadata"] == {"a": "1", "b": "2"}


def test_a_reply_from_another_number_does_not_change_the_text_it_answers(connection: psycopg.Connection) -> None:
    asked = event(SmsReceived, message_sid="SM1", **PARTIES, message="Hours?", metadata={})
    fallback = event(
        SmsSent, minute=1, provider="voipms", message_sid="8", message="9-5", status="sent", category="hours",
        from_number="+12125550199", to_number=PATIENT, **ANSWER,
    )  # fmt: skip
    record(connection, as_json([asked, fallback]))
    [text] = [row for row in rows(connection, "sms_conversations") if row["message_sid"] == "SM1"]
    assert (text["to_number"], text["category"], text["status"]) == (PRACTICE, "hours", "received")


def test_what_a_later_version_adds_is_kept_and_breaks_nothing(connection: psycopg.Connection) -> None:
    [newer] = as_json([event(SmsReceived, message_sid="SM1", **PARTIES, message="Hi", metadata={})])
    newer["data"] |= {"sentiment": {"mood": "calm"}}
    newer["extension"] = "x"
    unheard = newer | {"id": "7" * 32, "type": "frontdesk.fax.received.v1"}
    record(connection, [newer, unheard])
    assert len(rows(connection, "sms_conversations")) == 1
    kept = connection.execute("select data -> 'sentiment' ->> 'mood' from events order by type").fetchall()
    assert kept == [("calm",), ("calm",)]
