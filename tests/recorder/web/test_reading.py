"""What the API answers: lists, one thing, search, counts, work to do."""

import base64
import json
from typing import Any

import httpx
import pytest

from contracts.call import CallReceived, CallStatusChanged
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.sms import SmsReceived
from recorder.database import Database
from support.events import NOON
from support.recorder import PARTIES, PATIENT, PRACTICE, as_json, event
from support.recorder_day import a_day
from support.recorder_web import HOSTILE, credentials, visiting


async def asked(client: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    """The answer to somebody who is signed in."""
    response = await client.get(path, params=parameters, auth=credentials())
    assert response.status_code == 200, response.text
    return response.json()


async def pages(client: httpx.AsyncClient, path: str, key: str, **parameters: Any) -> list[Any]:
    """Everything of a list, read page by page."""
    found, cursor = [], None
    while True:
        given = parameters | ({"cursor": cursor} if cursor else {})
        answer = await asked(client, path, **given)
        found += answer[key]
        if (cursor := answer["next"]) is None:
            return found


async def test_lists_are_read_page_by_page_without_gap_or_repeat(database: Database) -> None:
    same_moment = [event(SmsReceived, message_sid=f"M{n}", **PARTIES, message="x") for n in range(7)]
    calls = [
        event(CallReceived, minute=n // 3, call_sid=f"CA{n}", **PARTIES, line="front_desk", started_at=NOON)
        for n in range(7)
    ]
    await database.record(as_json([*same_moment, *calls, *a_day()]))
    async with visiting(database) as client:
        for path, key, sid in (("/api/messages", "messages", "message_sid"), ("/api/calls", "calls", "call_sid")):
            whole = await asked(client, path)
            assert whole["next"] is None
            assert await pages(client, path, key, limit=2) == whole[key]
            assert len({row[sid] for row in whole[key]}) == len(whole[key]) >= 7
        threads = await pages(client, "/api/conversations", "conversations", limit=1)
        assert threads == (await asked(client, "/api/conversations"))["conversations"] != []


async def test_calls_are_narrowed_by_every_filter(database: Database) -> None:
    await database.record(as_json(a_day()))
    async with visiting(database) as client:

        async def sids(**filters: Any) -> set[str]:
            return {row["call_sid"] for row in (await asked(client, "/api/calls", **filters))["calls"]}

        assert await sids() == {"CA1", "17", "recording:r9"}
        assert await sids(provider="twilio") == {"CA1"}
        assert await sids(recorded="true") == {"CA1", "recording:r9"}
        assert await sids(recorded="false") == {"17"}
        assert await sids(since="2026-09-08T00:00:00Z", until="2026-09-09T00:00:00Z", provider="twilio") == set()
        assert await sids(direction="outbound") == set()
        assert await sids(outcome="ongoing", provider="twilio") in ({"CA1"}, set())
        for written in (PATIENT, "(212) 555-0123", "212.555.0123", " 12125550123"):
            assert await sids(number=written) == {"CA1"}, written


async def test_one_call_comes_with_timeline_recordings_and_notes_and_no_address(database: Database) -> None:
    secret = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
    segment = {"start": 0, "end": 1.5, "speaker": "unknown", "text": "My tooth"}
    events = [
        event(CallReceived, call_sid="CA/1", **PARTIES, line="front_desk", started_at=NOON),
        event(
            RecordingReady,
            minute=1,
            call_sid="CA/1",
            recording_sid="RE1",
            recording_url=secret,
            metadata={"RecordingUrl": secret, "RecordingSource": "RecordVerb"},
        ),
        event(
            TranscriptionCompleted,
            minute=2,
            call_sid="CA/1",
            recording_sid="RE1",
            transcription_text="My tooth",
            engine="whisper",
            segments=(segment,),
        ),
    ]
    await database.record(as_json(events))
    async with visiting(database) as client:
        body = {"note": "Called back.\nComes on Monday."}
        assert (
            await client.post("/api/marks/call/twilio/CA%2F1/notes", json=body, auth=credentials())
        ).status_code == 201
        response = await client.get("/api/calls/twilio/CA%2F1", auth=credentials())
        missing = await client.get("/api/calls/twilio/CA2", auth=credentials())
    call = response.json()
    assert [step["type"].split(".")[1] for step in call["timeline"]] == ["call", "recording", "transcription"]
    assert call["outcome"] == "voicemail"
    [recording] = call["recordings"]
    assert recording["transcription"]["segments"] == [segment]
    assert [note["note"] for note in call["written"]] == [body["note"]]
    assert call["marks"]["notes"] == 1
    assert secret not in response.text
    assert missing.status_code == 404


async def test_a_thread_is_paged_and_says_whether_the_patient_may_be_texted(database: Database) -> None:
    await database.record(as_json(a_day()))
    thread = f"/api/conversations/{PRACTICE}:{PATIENT}"
    async with visiting(database) as client:
        whole = await asked(client, thread)
        assert whole["patient"] == PATIENT
        assert whole["consent"]["state"] == "opted_in"
        first = await asked(client, thread, limit=2)
        second = await asked(client, thread, limit=500, cursor=first["next"])
        assert first["messages"] + second["messages"] == whole["messages"]
        assert (await client.get("/api/conversations/nobody", auth=credentials())).status_code == 404


async def test_search_finds_words_in_texts_and_transcripts_and_digits_of_numbers(database: Database) -> None:
    texts = [
        event(SmsReceived, minute=n, message_sid=f"M{n}", **PARTIES, message="Me duele la muela") for n in range(5)
    ]
    await database.record(as_json([*texts, *a_day()]))
    async with visiting(database) as client:
        found = await pages(client, "/api/search", "found", q="muela", limit=2)
        assert [hit["sid"] for hit in found] == ["M4", "M3", "M2", "M1", "M0"]
        assert {hit["kind"] for hit in (await asked(client, "/api/search", q="hello"))["found"]} == {"transcript"}
        by_number = await asked(client, "/api/search", q="555-0123")
        assert {thread["patient"] for thread in by_number["conversations"]} == {PATIENT}


async def test_analytics_and_today_answer_what_was_recorded(database: Database) -> None:
    await database.record(as_json(a_day()))
    async with visiting(database) as client:
        span = {"since": "2026-09-07T00:00:00Z", "until": "2026-09-08T00:00:00Z", "zone": "America/New_York"}
        counts = await asked(client, "/api/analytics", **span, granularity="hour")
        assert sum(hour["inbound"] or 0 for hour in counts["texts"]) == 2
        today = await asked(client, "/api/today", days=366)
        assert [alert["kind"] for alert in today["alerts"]] == ["emergency_text"]
        assert {request["kind"] for request in today["requests"]} == {"callback", "appointment"}


async def test_an_answer_that_did_not_change_is_not_sent_again(database: Database) -> None:
    await database.record(as_json(a_day()))
    async with visiting(database) as client:
        for path in ("/api/calls", f"/api/conversations/{PRACTICE}:{PATIENT}", "/api/today"):
            first = await client.get(path, auth=credentials())
            assert first.headers["cache-control"] == "private, no-cache"
            known = {"If-None-Match": f'"other", {first.headers["etag"]}'}
            again = await client.get(path, headers=known, auth=credentials())
            assert (again.status_code, again.content) == (304, b"")
            note = {"note": "x"}
            assert (
                await client.post("/api/marks/call/twilio/CA1/notes", json=note, auth=credentials())
            ).status_code == 201
            assert (await client.get(path, headers=known, auth=credentials())).status_code == 200


BAD = [("/api/calls", {"limit": limit}, "limit") for limit in ("0", "-1", "501", "x", "1e3", "")] + [
    ("/api/calls", {"number": "'; drop table events; --"}, "number"),
    ("/api/calls", {"since": "yesterday"}, "since"),
    ("/api/calls", {"since": "2026-09-07T00:00:00"}, "since"),
    ("/api/calls", {"outcome": "lost"}, "outcome"),
    ("/api/calls", {"provider": "a\0b"}, "provider"),
    ("/api/search", {"q": ""}, "q"),
    ("/api/search", {}, "q"),
    ("/api/search", {"q": "x" * 201}, "q"),
    ("/api/analytics", {"zone": "Mars/Olympus"}, "zone"),
    ("/api/analytics", {"granularity": "decade"}, "granularity"),
    (
        "/api/analytics",
        {"granularity": "hour", "since": "2026-08-07T11:59Z", "until": "2026-09-07T12:00Z"},
        "granularity",
    ),
    ("/api/analytics", {"since": "0001-01-01T00:00Z"}, "granularity"),
    ("/api/today", {"days": "0"}, "days"),
]


async def test_hours_are_counted_for_a_month_and_a_longer_range_is_told_the_limit(direct: Database) -> None:
    async with visiting(direct) as client:
        span = {"granularity": "hour", "until": "2026-09-07T12:00Z"}
        assert (await asked(client, "/api/analytics", **span, since="2026-08-07T12:00Z"))["calls"] == []
        refused = await client.get("/api/analytics", params={**span, "since": "2026-08-07T11:59Z"}, auth=credentials())
        assert refused.status_code == 422
        assert "31 days" in refused.json()["detail"]


async def test_parameters_that_cannot_be_are_named(direct: Database) -> None:
    async with visiting(direct) as client:
        for path, parameters, name in BAD:
            response = await client.get(path, params=parameters, auth=credentials())
            assert response.status_code == 422, (path, parameters)
            assert response.headers["content-type"] == "application/problem+json"
            assert [wrong["name"] for wrong in response.json()["errors"]] == [name], (path, parameters)


@pytest.mark.parametrize("path", ["/api/calls", "/api/messages", "/api/conversations", "/api/search?q=hours"])
async def test_cursors_that_are_not_ours_are_refused(direct: Database, path: str) -> None:
    await direct.record(as_json(a_day()))
    texts = [event(SmsReceived, minute=n, message_sid=f"N{n}", **PARTIES, message="hours") for n in range(3)]
    await direct.record(as_json(texts))
    other = [event(SmsReceived, message_sid="O", from_number="+12125550199", to_number=PRACTICE, message="x")]
    await direct.record(as_json(other))
    async with visiting(direct) as client:
        cursor = (await asked(client, path, limit=1, **_query(path)))["next"]
        raw = bytearray(base64.urlsafe_b64decode(cursor + "=="))
        raw[-3] ^= 1
        forged = base64.urlsafe_b64encode(b"12345678" + json.dumps({"at": "now()"}).encode()).decode()
        damaged = (cursor[:-1], cursor + "A", base64.urlsafe_b64encode(raw).decode(), "x", "%%%", forged, "é")
        for wrong in damaged:
            given = _query(path) | {"cursor": wrong, "limit": 1}
            response = await client.get(path.partition("?")[0], params=given, auth=credentials())
            assert response.status_code == 400, wrong
            assert "cursor" in response.json()["detail"]


def _query(path: str) -> dict[str, str]:
    return {"q": "hours"} if "?" in path else {}


async def test_a_cursor_of_another_question_is_refused(direct: Database) -> None:
    await direct.record(as_json(a_day()))
    async with visiting(direct) as client:
        cursor = (await asked(client, "/api/calls", limit=1))["next"]
        filtered = await client.get("/api/calls", params={"cursor": cursor, "provider": "x"}, auth=credentials())
        other = await client.get("/api/messages", params={"cursor": cursor}, auth=credentials())
    assert (filtered.status_code, other.status_code) == (400, 400)


SQL = "'; delete from public.events; select pg_sleep(9); --"


async def test_sql_in_every_parameter_is_only_text(database: Database) -> None:
    await database.record(as_json(a_day()))
    async with visiting(database) as client:
        before = await asked(client, "/api/messages")
        paths: list[tuple[str, dict[str, str]]] = [
            *(("/api/calls", {name: SQL}) for name in ("provider", "number", "since", "outcome", "recorded", "cursor")),
            *(("/api/messages", {name: SQL}) for name in ("conversation", "category", "status", "provider", "limit")),
            ("/api/search", {"q": SQL}),
            ("/api/search", {"q": "' OR 1=1 -- \" : & | ! <-> ( \\"}),
            ("/api/analytics", {"zone": SQL}),
            (f"/api/calls/{SQL}/{SQL}", {}),
            (f"/api/conversations/{SQL}", {}),
            (f"/api/recordings/{SQL}/{SQL}/audio", {}),
        ]
        for path, parameters in paths:
            response = await client.get(path, params=parameters, auth=credentials())
            assert response.status_code in {200, 400, 404, 422}, (path, parameters, response.text)
        mark = await client.post("/api/marks/call/x/done", json={"done": True}, auth=credentials(user=SQL))
        assert mark.json()["done_by"] == SQL
        assert await asked(client, "/api/messages") == before


async def test_hostile_texts_come_back_as_json_strings_and_nothing_else(database: Database) -> None:
    texts = [event(SmsReceived, message_sid=HOSTILE, **PARTIES, message=HOSTILE, metadata={HOSTILE: HOSTILE})]
    await database.record(as_json(texts))
    async with visiting(database) as client:
        for path in ("/api/messages", "/api/search?q=script", "/api/calls/x/<script>alert(1)</script>"):
            response = await client.get(path, auth=credentials())
            assert response.headers["content-type"] in {"application/json", "application/problem+json"}
            assert response.headers["x-content-type-options"] == "nosniff"
        [row] = (await asked(client, "/api/messages"))["messages"]
    assert (row["message"], row["message_sid"], row["metadata"]) == (HOSTILE, HOSTILE, {HOSTILE: HOSTILE})


async def test_a_status_that_came_before_its_call_is_shown_as_far_as_known(database: Database) -> None:
    await database.record(as_json([event(CallStatusChanged, call_sid="CA9", status="ringing", metadata={})]))
    async with visiting(database) as client:
        [row] = (await asked(client, "/api/calls"))["calls"]
    assert (row["call_sid"], row["status"], row["from_number"]) == ("CA9", "ringing", None)
