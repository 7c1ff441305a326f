"""Recordings are played through us, whole or in part; where they lie and our credentials there stay here."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.recording import RecordingReady
from recorder.database import Database
from recorder.web.audio.ranges import Asked, asked
from support.recorder import as_json, event
from support.recorder_web import credentials, visiting
from support.recordings import Answer, Store
from support.recordings import Asked as Request

SOUND = bytes(range(256)) * 40
SIZE = len(SOUND)
ACCOUNT, TOKEN, PASSWORD = "AC" + "1" * 32, "twilio-secret-token", "voipms-secret-password"
TWILIO, VOIPMS = "/api/recordings/twilio/RE1/audio", "/api/recordings/voipms/r1/audio"


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


def with_ranges(request: Request) -> Answer:
    """A provider that knows ranges."""
    part = asked(request.headers.get("range"))
    if part is None:
        return Answer(200, SOUND)
    wanted = part.of(SIZE)
    if wanted is None:
        return Answer(416, b"", {"Content-Range": f"bytes */{SIZE}"})
    return Answer(206, SOUND[wanted.first : wanted.end], {"Content-Range": wanted.header})


def without_ranges(_: Request) -> Answer:
    """A provider that does not."""
    return Answer(200, SOUND)


def base64_answer(**said: Any) -> Answer:
    """VoIP.ms' way."""
    return Answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})


MP3 = base64_answer(status="success", base64file=base64.b64encode(SOUND).decode())


@asynccontextmanager
async def listening(database: Database, store: Store, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is signed in, where both providers have one recording."""
    ready = [
        event(RecordingReady, call_sid="CA1", recording_sid="RE1", recording_url=f"{store.url}/RE1", metadata={}),
        event(RecordingReady, provider="voipms", recording_sid="r1", metadata={"account": "100000"}),
    ]
    await database.record(as_json(ready))
    given = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_api_url": store.url,
        "voipms_username": "front@example.com",
        "voipms_password": PASSWORD,
        "voipms_api_url": f"{store.url}/rest.php",
    }
    async with visiting(database, **(given | settings)) as client:
        client.auth = credentials()
        yield client


@pytest.mark.parametrize("provider", [with_ranges, without_ranges])
async def test_a_recording_of_twilio_is_played_with_our_credentials(
    database: Database, store: Store, provider: Any
) -> None:
    store.lay("/RE1.wav", provider)
    async with listening(database, store) as client:
        response = await client.get(TWILIO)
    assert (response.status_code, response.content) == (200, SOUND)
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["cache-control"] == "private, no-cache"
    [request] = store.asked("/RE1.wav")
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert TOKEN not in str(response.headers)


RANGES = [
    ("bytes=0-0", 0, 1),
    ("bytes=0-", 0, SIZE),
    ("bytes=100-199", 100, 200),
    (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
    (f"bytes=5000-{SIZE + 5}", 5000, SIZE),
    ("bytes=-10", SIZE - 10, SIZE),
    (f"bytes=-{SIZE * 2}", 0, SIZE),
]


@pytest.mark.parametrize("provider", [with_ranges, without_ranges, "voipms"], ids=str)
async def test_parts_are_what_was_asked_for(direct: Database, store: Store, provider: Any) -> None:
    store.lay("/RE1.wav", provider if callable(provider) else without_ranges)
    store.lay("/rest.php", MP3)
    path = VOIPMS if provider == "voipms" else TWILIO
    async with listening(direct, store) as client:
        for header, first, end in RANGES:
            response = await client.get(path, headers={"Range": header})
            assert response.status_code == 206, header
            assert response.content == SOUND[first:end], header
            assert response.headers["content-range"] == f"bytes {first}-{end - 1}/{SIZE}"
            assert response.headers["content-length"] == str(end - first)
        for header in (f"bytes={SIZE}-", "bytes=-0", "bytes=99999999-"):
            response = await client.get(path, headers={"Range": header})
            assert response.status_code == 416, header
            assert response.headers["content-range"] == f"bytes */{SIZE}"
        for header in ("bytes=5-2", "bytes=0-1,5-9", "items=0-5", "bytes=", "bytes=-", "bytes=a-b", "x" * 5000):
            response = await client.get(path, headers={"Range": header})
            assert (response.status_code, len(response.content)) == (200, SIZE), header


async def test_a_part_of_something_else_is_not_given_as_a_part_of_this(direct: Database, store: Store) -> None:
    store.lay("/RE1.wav", with_ranges)
    part = {"Range": "bytes=0-9"}
    async with listening(direct, store) as client:
        etag = (await client.head(TWILIO)).headers["etag"]
        same = await client.get(TWILIO, headers=part | {"If-Range": etag})
        other = await client.get(TWILIO, headers=part | {"If-Range": '"other"'})
        dated = await client.get(TWILIO, headers=part | {"If-Range": "Mon, 07 Sep 2026 16:00:00 GMT"})
        known = await client.get(TWILIO, headers={"If-None-Match": etag})
    assert (same.status_code, other.status_code, dated.status_code, known.status_code) == (206, 200, 200, 304)


async def test_head_tells_the_size_without_the_sound(direct: Database, store: Store) -> None:
    store.lay("/RE1.wav", with_ranges)
    store.lay("/rest.php", MP3)
    async with listening(direct, store) as client:
        for path in (TWILIO, VOIPMS):
            response = await client.head(path, headers={"Range": "bytes=0-5"})
            assert (response.status_code, response.content) == (200, b"")
            assert response.headers["content-length"] == str(SIZE)


async def test_a_recording_of_voipms_is_fetched_once_for_all_its_parts(direct: Database, store: Store) -> None:
    store.lay("/rest.php", MP3)
    async with listening(direct, store) as client:
        whole = await client.get(VOIPMS)
        part = await client.get(VOIPMS, headers={"Range": "bytes=10-19"})
    assert (whole.content, part.content) == (SOUND, SOUND[10:20])
    assert whole.headers["content-type"] == "audio/mpeg"
    [request] = store.asked("/rest.php")
    assert b"getCallRecording" in request.body


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(404), 404),
        (Answer(410), 404),
        (Answer(401), 502),
        (Answer(403), 502),
        (Answer(500), 502),
        (Answer(429), 502),
        (Answer(400), 502),
        (Answer(206, b"x", {"Content-Range": "bytes 5-2/1"}), 502),
        (Answer(200, b"<html>", {"Content-Type": "text/html"}), 502),
        (Answer(302, b"", {"Location": "http://127.0.0.1:1/stolen"}), 502),
        (Answer(302, b"", {"Location": "/RE1.wav"}), 502),
        (Answer(200, b"", {"Content-Length": "999999999"}), 502),
    ],
    ids=str,
)
async def test_what_twilio_answers_instead_is_said_without_details(
    direct: Database, store: Store, answer: Answer, status: int
) -> None:
    store.lay("/RE1.wav", answer)
    async with listening(direct, store) as client:
        response = await client.get(TWILIO)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    for secret in (TOKEN, ACCOUNT, store.url, "127.0.0.1"):
        assert secret not in response.text


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (base64_answer(status="no_recording"), 404),
        (base64_answer(status="invalid_credentials"), 502),
        (base64_answer(status="api_limit_exceeded"), 502),
        (base64_answer(status="success", base64file="%%%"), 502),
        (Answer(200, b"not json"), 502),
    ],
    ids=str,
)
async def test_what_voipms_answers_instead_is_said_without_details(
    direct: Database, store: Store, answer: Answer, status: int
) -> None:
    store.lay("/rest.php", answer)
    async with listening(direct, store) as client:
        response = await client.get(VOIPMS)
    assert response.status_code == status
    assert PASSWORD not in response.text


async def test_our_credentials_go_to_the_providers_host_only(direct: Database, store: Store) -> None:
    other = Store()
    try:
        foreign = event(
            RecordingReady, call_sid="CA2", recording_sid="RE2", recording_url=f"{other.url}/RE2", metadata={}
        )
        await direct.record(as_json([foreign]))
        async with listening(direct, store) as client:
            response = await client.get("/api/recordings/twilio/RE2/audio")
        assert response.status_code == 502
        assert other.untouched
    finally:
        other.close()


async def test_without_credentials_the_missing_settings_are_named(direct: Database, store: Store) -> None:
    none = {"twilio_auth_token": "", "voipms_password": ""}
    async with listening(direct, store, **none) as client:
        twilio, voipms = await client.get(TWILIO), await client.get(VOIPMS)
        unknown = await client.get("/api/recordings/twilio/RE9/audio")
    assert (twilio.status_code, voipms.status_code, unknown.status_code) == (503, 503, 404)
    assert "TWILIO_AUTH_TOKEN" in twilio.json()["detail"]
    assert "VOIPMS_PASSWORD" in voipms.json()["detail"]
    assert store.untouched


async def test_playing_is_kept_once_for_all_the_parts_of_a_listening(
    direct: Database, store: Store, connection: psycopg.Connection
) -> None:
    store.lay("/RE1.wav", with_ranges)
    async with listening(direct, store) as client:
        for first in (0, 100, 200):
            await client.get(TWILIO, headers={"Range": f"bytes={first}-"})
    played = connection.execute("select action, kind, key from audit_log").fetchall()
    assert played == [("played", "recording", "twilio/RE1")]


@given(st.integers(0, 99) | st.none(), st.integers(0, 99) | st.none(), st.integers(0, 99))
def test_a_slice_lies_in_the_file_and_holds_what_was_asked(first: int | None, last: int | None, size: int) -> None:
    content = bytes(range(size))
    part = asked(f"bytes={'' if first is None else first}-{'' if last is None else last}")
    if first is None and last is None:
        assert part is None
        return
    if first is not None and last is not None and last < first:
        assert part is None
        return
    assert part == Asked(first, last)
    wanted = part.of(size)
    if first is not None:
        expected = content[first : size if last is None else last + 1]
    else:
        assert last is not None
        expected = content[-last:] if last else b""
    assert (b"" if wanted is None else content[wanted.first : wanted.end]) == expected
