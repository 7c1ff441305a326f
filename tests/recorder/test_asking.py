"""What the API asks of the database: lists page by page, search, open work, threads; the same over both ways."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.failures import Refused
from contracts.call import CallDetailRecorded, CallStatusChanged
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed
from contracts.staff import AlertRaised, CallbackRequested
from recorder.database import Database
from support.events import NOON
from support.recorder import PARTIES, PATIENT, PRACTICE, REPLY_PARTIES, Row, as_json, event, everything, record, rows
from support.recorder_day import a_day

LONG_AGO = "2020-01-01T00:00:00Z"
HOSTILE = (
    "'; drop table events; --", '"; select 1', "$1", "%s", "{}", "\\", "' or '1'='1", "a & | ! ( : *", "<-> <2> 'x':*A",
    '"unclosed', "-", "OR", "\u202e", "x" * 5000, "' || (select message from public.sms_conversations limit 1) || '",
)  # fmt: skip


def call(sid: str, *, minute: float = 0, **data: Any) -> AnyEvent:
    at = NOON + timedelta(minutes=minute)
    said: dict[str, Any] = {"status": "no-answer", "direction": "inbound", "started_at": at, **PARTIES} | data
    return event(CallDetailRecorded, minute=minute, call_sid=sid, metadata={}, **said)


def text(sid: str, message: str = "Hello", *, minute: float = 0, number: str = PATIENT, **more: Any) -> AnyEvent:
    parties = {"from_number": number, "to_number": PRACTICE}
    return event(SmsReceived, minute=minute, message_sid=sid, **parties, message=message, metadata={}, **more)


def answer(to: AnyEvent, sid: str, *, minute: float = 1, category: str = "hours") -> AnyEvent:
    about: dict[str, Any] = {"in_reply_to": to.data.message_sid, "in_reply_to_provider": "twilio"}
    parties = {"from_number": PRACTICE, "to_number": to.data.from_number}
    said: dict[str, Any] = {"message": "9 to 5", "status": "sent", "category": category, "in_reply_to_event": to.id}
    return event(SmsSent, minute=minute, message_sid=sid, **parties, **said, **about)


def transcript(sid: str, words: str, *, minute: float = 0) -> list[AnyEvent]:
    at: dict[str, Any] = {"recording_started_at": NOON + timedelta(minutes=minute)}
    return [
        event(RecordingReady, minute=minute, recording_sid=sid, **PARTIES, **at, metadata={}),
        event(TranscriptionCompleted, minute=minute, recording_sid=sid, transcription_text=words, engine="x"),
    ]


FILTERS: list[tuple[dict[str, Any], Callable[[Row], bool]]] = [
    ({}, lambda row: True),
    ({"outcome": "missed"}, lambda row: row["outcome"] == "missed"),
    ({"provider": "voipms"}, lambda row: row["provider"] == "voipms"),
    ({"direction": "outbound"}, lambda row: row["direction"] == "outbound"),
    ({"number": PATIENT}, lambda row: PATIENT in (row["from_number"], row["to_number"])),
    ({"recorded": True}, lambda row: row["recording_sid"] is not None),
    ({"recorded": False}, lambda row: row["recording_sid"] is None),
    ({"since": "2026-09-07T16:03:00Z"}, lambda row: row["started_at"] >= "2026-09-07T16:03"),
    ({"until": "2026-09-07T16:03:00Z"}, lambda row: row["started_at"] < "2026-09-07T16:03"),
    ({"outcome": "missed", "number": PATIENT}, lambda row: row["outcome"] == "missed" and PATIENT in row.values()),
    ({"outcome": "' or true --"}, lambda row: False),
]


async def test_calls_are_filtered(database: Database, connection: psycopg.Connection) -> None:
    calls = [
        *(call(f"CA{n}", minute=n) for n in range(3)),
        call("CA3", minute=3, direction="outbound", **REPLY_PARTIES),
        call("CA4", minute=4, from_number="+16465550199"),
        event(RecordingReady, minute=5, call_sid="CA4", recording_sid="RE4", metadata={}),
        event(CallDetailRecorded, minute=6, provider="voipms", call_sid="9", status="completed",
              started_at=NOON + timedelta(minutes=6), metadata={}),
    ]  # fmt: skip
    record(connection, as_json(calls))
    for wanted, fits in FILTERS:
        listed = await database.call("list_calls", wanted=wanted, after=None, how_many=50)
        expected = {row["call_sid"] for row in rows(connection, "phone_calls") if fits(row)}
        assert {row["call_sid"] for row in listed} == expected, wanted
        assert [row["at"] for row in listed] == sorted((row["at"] for row in listed), reverse=True)


async def test_texts_are_filtered(database: Database, connection: psycopg.Connection) -> None:
    first, other = text("SM1"), text("SM2", minute=2, number="+16465550199")
    record(connection, as_json([first, answer(first, "SM9"), other]))
    thread = f"{PRACTICE}:{PATIENT}"

    async def sids(**wanted: str) -> set[str]:
        listed = await database.call("list_messages", wanted=wanted, after=None, how_many=50)
        return {row["message_sid"] for row in listed}

    assert await sids() == {"SM1", "SM2", "SM9"}
    assert await sids(conversation=thread) == {"SM1", "SM9"}
    assert await sids(category="hours") == {"SM1", "SM9"}
    assert await sids(category="hours", direction="inbound") == {"SM1"}
    assert await sids(status="received") == {"SM1", "SM2"}
    assert await sids(since="2026-09-07T16:02:00Z") == {"SM2"}
    assert await sids(until="2026-09-07T16:01:00Z") == {"SM1"}
    assert await sids(provider="voipms") == set()


LISTS: dict[str, tuple[dict[str, Any], Callable[[Row], Row], Callable[[Row], Any]]] = {
    "list_calls": (
        {"wanted": {}},
        lambda row: {"at": row["at"], "provider": row["provider"], "call_sid": row["call_sid"]},
        lambda row: row["call_sid"],
    ),
    "list_messages": (
        {"wanted": {}},
        lambda row: {"at": row["occurred_at"], "provider": row["provider"], "message_sid": row["message_sid"]},
        lambda row: row["message_sid"],
    ),
    "list_conversations": (
        {},
        lambda row: {"at": row["last_at"], "conversation_id": row["conversation_id"]},
        lambda row: row["conversation_id"],
    ),
    "search": (
        {"asked": "tooth"},
        lambda row: {name: row[name] for name in ("at", "provider", "sid", "kind")},
        lambda row: (row["kind"], row["sid"]),
    ),
}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 3), min_size=1, max_size=12), size=st.integers(1, 5))
@pytest.mark.parametrize("question", LISTS)
def test_pages_leave_nothing_out_and_repeat_nothing_also_among_ties(
    connection: psycopg.Connection, question: str, minutes: list[int], size: int
) -> None:
    arguments, place, name = LISTS[question]

    def ask(after: Row | None, how_many: int) -> list[Row]:
        given_ = {**arguments, "after": after, "how_many": how_many}
        named = ", ".join(f"{key} => %({key})s" for key in given_)
        adapted = {
            key: psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value for key, value in given_.items()
        }
        return [row[0] for row in connection.execute(f"select {question}({named})".encode(), adapted)]

    with connection.transaction(force_rollback=True):
        for number, minute in enumerate(minutes):
            patient = f"+1646555{number:04}"
            events = [
                call(f"CA{number}", minute=minute),
                text(f"SM{number}", "My tooth hurts", minute=minute, number=patient),
                *transcript(f"SM{number}", "a tooth fell out", minute=minute),
            ]
            record(connection, as_json(events))
        whole = ask(None, 100)
        read: list[Row] = []
        while page := ask(place(read[-1]) if read else None, size):
            assert len(page) <= size
            read += page
        assert read == whole
        assert len({name(row) for row in read}) == len(read) >= len(minutes)


SAID = {
    "SM1": "My tooth hurts since last night",
    "SM2": "Can I move my appointments to Thursday afternoon?",
    "SM3": "Necesito una cita para mañana, me duele una muela",
    "SM4": "running late, sorry",
    "SM5": "Über die Brücke 100% & more: it's O'Brien <b>bold</b>",
}
HEARD = {"RE1": "Hello, this is Ann. I would like to talk about my crown, the tooth crown."}


SEARCHES: list[tuple[str, set[str]]] = [
    ("tooth", {"SM1", "RE1"}),
    ("TEETH hurting", set()),
    ("hurting", {"SM1"}),
    ("appointment", {"SM2"}),
    ("citas", {"SM3"}),
    ("manana", {"SM3"}),
    ("MAÑANA", {"SM3"}),
    ("muelas", {"SM3"}),
    ("crown", {"RE1"}),
    ('"tooth crown"', {"RE1"}),
    ('"crown tooth"', set()),
    ("tooth -crown", {"SM1"}),
    ("late or crown", {"SM4", "RE1"}),
    ("uber", {"SM5"}),
    ("o'brien", {"SM5"}),
    ("xylophone", set()),
    ("", set()),
]


async def test_words_are_found_as_people_search(database: Database, connection: psycopg.Connection) -> None:
    texts = [text(sid, words, minute=n) for n, (sid, words) in enumerate(SAID.items())]
    record(connection, as_json([*texts, *(each for sid, words in HEARD.items() for each in transcript(sid, words))]))
    for asked, found in SEARCHES:
        hits = await database.call("search", asked=asked, after=None, how_many=20)
        assert {hit["sid"] for hit in hits} == found, asked
        assert all(hit["patient"] == PATIENT and hit["said"] in {*SAID.values(), *HEARD.values()} for hit in hits)


async def test_a_rare_word_is_found_behind_many_newer_texts(connection: psycopg.Connection, direct: Database) -> None:
    record(connection, as_json([text("SM1", "xylophone"), text("SM2", "an old xylophone and a drum", minute=-1)]))
    connection.execute(
        "insert into sms_conversations"
        " (provider, message_sid, direction, message, media, auto_response, metadata, occurred_at)"
        " select 'twilio', 'MANY' || n, 'inbound', 'drum', '[]', false, '{}', now() from generate_series(1, 20100) n"
    )
    hits = await direct.call("search", asked="xylophone", after=None, how_many=20)
    assert [hit["sid"] for hit in hits] == ["SM1", "SM2"]
    assert len(await direct.call("search", asked="drum", after=None, how_many=50)) == 50
    last = {"at": "2026-09-07T16:00:00Z", "provider": "twilio", "sid": "SM1", "kind": "message"}
    assert [hit["sid"] for hit in await direct.call("search", asked="drum", after=last, how_many=9)] == ["SM2"]


async def test_a_number_is_found_by_some_of_its_digits(database: Database, connection: psycopg.Connection) -> None:
    record(connection, as_json([text("SM1"), text("SM2", number="+16465550199")]))
    for digits, found in (
        ("0123", {PATIENT}),
        ("(212) 555", {PATIENT}),
        ("555", {PATIENT, "+16465550199"}),
        ("%%%", set()),
    ):
        hits = await database.call("search_numbers", digits=digits, how_many=9)
        assert {hit["patient"] for hit in hits} == found, digits


async def test_one_call_tells_its_story(database: Database, connection: psycopg.Connection) -> None:
    record(connection, as_json(a_day()))
    [one] = await database.call("one_call", provider="twilio", call_sid="CA1")
    assert [each["time"] for each in one["timeline"]] == sorted(each["time"] for each in one["timeline"])
    assert {each["type"] for each in one["timeline"]} >= {
        "frontdesk.call.received.v1",
        "frontdesk.recording.ready.v1",
        "frontdesk.transcription.completed.v1",
    }
    assert [each["recording_sid"] for each in one["recordings"]] == ["RE1"]
    [stub] = await database.call("one_call", provider="voipms", call_sid="recording:r9")
    assert [each["recording_sid"] for each in stub["recordings"]] == ["r9"]
    assert len(stub["timeline"]) == 2
    assert await database.call("one_call", provider="twilio", call_sid="CAnone") == []


async def test_a_thread_says_whom_it_is_with_and_whether_they_may_be_texted(
    database: Database, connection: psycopg.Connection
) -> None:
    record(connection, as_json(a_day()))
    [thread] = await database.call("one_conversation", conversation_id=f"{PRACTICE}:{PATIENT}")
    assert (thread["patient"], thread["practice"], thread["consent"]["state"]) == (PATIENT, PRACTICE, "opted_in")
    assert await database.call("one_conversation", conversation_id="'") == []


async def open_sids(database: Database, question: str, key: str) -> list[str]:
    return [row[key] for row in await database.call(question, since=LONG_AGO, how_many=50)]


async def test_a_missed_call_is_open_until_done_called_back_or_got_through(
    database: Database, connection: psycopg.Connection
) -> None:
    numbers = [f"+1646555010{n}" for n in range(5)]
    record(connection, as_json([call(f"CA{n}", minute=n, from_number=number) for n, number in enumerate(numbers)]))
    assert await open_sids(database, "open_calls", "call_sid") == ["CA4", "CA3", "CA2", "CA1", "CA0"]
    ours: dict[str, Any] = {"direction": "outbound", "from_number": PRACTICE}
    got_through = event(
        CallStatusChanged, minute=31, call_sid="CA11", status="completed", metadata={"DialCallStatus": "completed"}
    )
    later = [
        call("CA10", minute=30, **ours, to_number=numbers[0]),
        call("CA11", minute=30, from_number=numbers[1], status="in-progress"),
        got_through,
        call("CA12", minute=-30, **ours, to_number=numbers[2]),
    ]
    record(connection, as_json(later))
    await database.call("mark_done", kind="call", key="twilio/CA3", done=True, who="Ann")
    assert await open_sids(database, "open_calls", "call_sid") == ["CA4", "CA2"]
    await database.call("mark_done", kind="call", key="twilio/CA3", done=False, who="Ann")
    await database.call("assign", kind="call", key="twilio/CA4", to_whom="Bob")
    listed = await database.call("open_calls", since=LONG_AGO, how_many=50)
    assert [(row["call_sid"], row["marks"]["assigned_to"]) for row in listed] == [
        ("CA4", "Bob"),
        ("CA3", None),
        ("CA2", None),
    ]
    assert await database.call("open_calls", since="2030-01-01T00:00:00Z", how_many=50) == []


async def test_a_text_is_open_until_answered_done_or_no_matter_for_people(
    database: Database, connection: psycopg.Connection
) -> None:
    numbers = [f"+1646555020{n}" for n in range(4)]
    unanswered, answered, stop, again = (text(f"SM{n}", minute=n, number=number) for n, number in enumerate(numbers))
    about: dict[str, Any] = {"in_reply_to": "SM2", "in_reply_to_provider": "twilio", "in_reply_to_event": stop.id}
    parties = {"from_number": PRACTICE, "to_number": numbers[2]}
    silent = event(SmsSuppressed, minute=3, **parties, category="opt_out", reason="provider_answers", **about)
    record(connection, as_json([unanswered, answered, answer(answered, "SM11"), stop, silent, again]))
    assert await open_sids(database, "open_conversations", "message_sid") == ["SM3", "SM0"]
    thread = f"{PRACTICE}:{numbers[3]}"
    await database.call("mark_done", kind="conversation", key=thread, done=True, who="Ann")
    assert await open_sids(database, "open_conversations", "message_sid") == ["SM0"]
    soon = connection.execute("select extract(epoch from now() - %s) / 60 + 1", (NOON,)).fetchone()
    assert soon is not None
    record(connection, as_json([text("SM30", minute=float(soon[0]), number=numbers[3])]))
    assert await open_sids(database, "open_conversations", "message_sid") == ["SM30", "SM0"]


async def test_alerts_and_requests_are_open_until_done(database: Database, connection: psycopg.Connection) -> None:
    alert = event(AlertRaised, kind="emergency_text", origin="SM1", **PARTIES)
    request = event(CallbackRequested, origin="CA1", number=PATIENT, name="Ann")
    record(connection, as_json([alert, request]))
    assert await open_sids(database, "open_alerts", "id") == [str(alert.id)]
    assert await open_sids(database, "open_requests", "id") == [str(request.id)]
    for kind, each in (("alert", alert), ("callback", request)):
        await database.call("mark_done", kind=kind, key=str(each.id), done=True, who="Ann")
    assert await open_sids(database, "open_alerts", "id") == await open_sids(database, "open_requests", "id") == []


async def test_an_open_alert_comes_with_the_words_that_raised_it(
    database: Database, connection: psycopg.Connection
) -> None:
    by_text = event(AlertRaised, minute=1, kind="emergency_text", origin="SM1", **PARTIES)
    by_voicemail = event(AlertRaised, minute=2, kind="emergency_voicemail", origin="RE1", **PARTIES)
    by_call = event(AlertRaised, minute=3, kind="emergency_call", origin="CA2", **PARTIES)
    said = [text("SM1", "my face is swollen"), *transcript("RE1", "I am bleeding")]
    record(connection, as_json([by_text, by_voicemail, by_call, *said]))
    alerts = await database.call("open_alerts", since=LONG_AGO, how_many=9)
    assert [alert["said"] for alert in alerts] == [None, "I am bleeding", "my face is swollen"]


QUESTIONS: dict[str, dict[str, Any]] = {
    "list_calls": {
        "wanted": {"number": "?", "outcome": "?", "provider": "?", "direction": "?"},
        "after": None,
        "how_many": 9,
    },
    "list_messages": {"wanted": {"conversation": "?", "category": "?", "status": "?"}, "after": None, "how_many": 9},
    "list_conversations": {"after": {"at": LONG_AGO, "conversation_id": "?"}, "how_many": 9},
    "one_conversation": {"conversation_id": "?"},
    "one_call": {"provider": "?", "call_sid": "?"},
    "one_recording": {"provider": "?", "recording_sid": "?"},
    "search": {"asked": "?", "after": {"at": "infinity", "provider": "?", "sid": "?", "kind": "?"}, "how_many": 9},
    "search_numbers": {"digits": "?", "how_many": 9},
    "notes_of": {"kind": "call", "key": "?"},
    "mark_done": {"kind": "call", "key": "?", "done": True, "who": "?"},
    "assign": {"kind": "call", "key": "?", "to_whom": "?"},
    "add_note": {"kind": "call", "key": "?", "note": "?", "who": "?"},
    "audit": {"who": "?", "action": "?", "kind": "?", "key": "?", "client": "?"},
}


def filled(arguments: Any, words: str) -> Any:
    if isinstance(arguments, dict):
        return {name: filled(value, words) for name, value in arguments.items()}
    return words if arguments == "?" else arguments


async def test_hostile_words_are_only_words(database: Database, connection: psycopg.Connection) -> None:
    record(connection, as_json(a_day()))
    before = everything(connection)
    for question, words in itertools.product(QUESTIONS, HOSTILE):
        try:
            given_back = await database.call(question, **filled(QUESTIONS[question], words))
        except Refused:  # too long a note
            assert len(words) > 4000
            continue
        if question.startswith(("one_", "list_messages", "list_calls")):
            assert given_back == []
    assert everything(connection) == before


MISFITS: list[tuple[str, dict[str, Any]]] = [
    ("list_calls", {"wanted": {"since": "yesterday-ish"}, "after": None, "how_many": 1}),
    ("list_calls", {"wanted": {"recorded": "perhaps"}, "after": None, "how_many": 1}),
    ("list_messages", {"wanted": {}, "after": {"at": "'"}, "how_many": 1}),
    ("analytics", {"since": LONG_AGO, "until": "2026-01-01T00:00:00Z", "granularity": "'; --", "zone": "UTC"}),
    ("analytics", {"since": LONG_AGO, "until": "2026-01-01T00:00:00Z", "granularity": "day", "zone": "Mars/'"}),
    ("open_calls", {"since": "soon", "how_many": 1}),
    ("mark_done", {"kind": "planet", "key": "1", "done": True, "who": "Ann"}),
]


async def test_arguments_that_do_not_fit_are_refused(database: Database) -> None:
    for question, arguments in MISFITS:
        with pytest.raises(Refused):
            await database.call(question, **arguments)


async def test_both_ways_give_the_same_answers(
    direct: Database, through_supabase: Database, connection: psycopg.Connection
) -> None:
    record(connection, as_json(a_day()))
    everything_asked: dict[str, dict[str, Any]] = {
        "list_calls": {"wanted": {}, "after": None, "how_many": 50},
        "list_messages": {"wanted": {}, "after": None, "how_many": 50},
        "list_conversations": {"after": None, "how_many": 50},
        "one_conversation": {"conversation_id": f"{PRACTICE}:{PATIENT}"},
        "one_call": {"provider": "twilio", "call_sid": "CA1"},
        "one_recording": {"provider": "twilio", "recording_sid": "RE1"},
        "search": {"asked": "hello", "after": None, "how_many": 9},
        "search_numbers": {"digits": "0123", "how_many": 9},
        "open_alerts": {"since": LONG_AGO, "how_many": 9},
        "open_requests": {"since": LONG_AGO, "how_many": 9},
        "analytics": {"since": LONG_AGO, "until": "2027-01-01T00:00:00Z", "granularity": "day",
                      "zone": "America/New_York"},
        "latest_change": {},
    }  # fmt: skip
    for question, arguments in everything_asked.items():
        given_back = await direct.call(question, **arguments)
        assert given_back == await through_supabase.call(question, **arguments) != [], question
