"""The page and its API."""

import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from contracts.recording import TranscriptionCompleted
from contracts.sms import SmsReceived, SmsSent
from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.http import web_app
from support.recorder import PARTIES, REPLY_PARTIES, as_json, event, serving
from support.recorder_day import a_day

PASSWORD = "Zähne putzen: ja"  # RFC 7617 lets a password hold colons and, in UTF-8, anything else
HOSTILE = "<script>alert(1)</script><img src=x onerror='alert(2)'>\"&amp;"


@contextlib.asynccontextmanager
async def visiting(database: Database, password: str | None = PASSWORD) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the page, without credentials."""
    async with (
        serving(web_app(database, SecretStr(password) if password else None)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


async def get(database: Database, path: str) -> httpx.Response:
    """What somebody who knows the password sees."""
    async with visiting(database) as client:
        return await client.get(path, auth=credentials(PASSWORD))


def credentials(password: str, user: str = "anybody") -> httpx.BasicAuth:
    return httpx.BasicAuth(user.encode(), password.encode())


class Elements(HTMLParser):
    """Which elements a browser sees, and the text outside of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_the_page_shows_texts_replies_and_transcripts_and_escapes_them(database: Database) -> None:
    answer: dict[str, Any] = {"in_reply_to": HOSTILE, "in_reply_to_provider": "twilio", "in_reply_to_event": "6" * 32}
    events = [
        event(SmsReceived, message_sid=HOSTILE, **PARTIES, message=f"{HOSTILE} hours?", metadata={HOSTILE: HOSTILE}),
        event(SmsSent, message_sid="SM2", **REPLY_PARTIES, message="9-5", status=HOSTILE, category="hours", **answer),
        event(
            TranscriptionCompleted,
            recording_sid="RE1",
            call_sid="CA1",
            transcription_text=f"{HOSTILE} my tooth",
            engine="x",
        ),
    ]
    await database.record(as_json(events))
    response = await get(database, "/")
    assert response.status_code == 200
    seen = Elements(response.text)
    assert seen.tags <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "ul", "li", "p", "span", "time"}
    for shown in (f"{HOSTILE} hours?", f"{HOSTILE} my tooth", HOSTILE, "hours", "automatic reply", "+12125550123"):
        assert shown in seen.text


async def test_the_page_of_a_whole_day_can_be_made(database: Database) -> None:
    await database.record(as_json(a_day()))
    assert "suppressed" in (await get(database, "/")).text


async def test_the_page_allows_no_script_and_is_not_kept(direct: Database) -> None:
    response = await get(direct, "/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "No texts yet." in response.text


async def test_the_policy_admits_the_style_of_the_page(direct: Database) -> None:
    response = await get(direct, "/")
    [style] = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/api/calls", "/api/messages"])
async def test_a_wrong_password_shows_nothing(direct: Database, path: str) -> None:
    async with visiting(direct) as client:
        for password in ("", "wrong", PASSWORD + "x", PASSWORD[:-1]):
            response = await client.get(path, auth=credentials(password))
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic ")
        assert (await client.get(path, auth=credentials(PASSWORD, user=""))).status_code == 200


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic eA==", "Bearer x", "Basic \xff"])
async def test_broken_credentials_are_wrong_credentials(direct: Database, header: str) -> None:
    async with visiting(direct) as client:
        response = await client.get("/", headers={b"authorization": header.encode("latin-1")})
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["/", "/api/calls", "/api/messages"])
async def test_without_a_password_nothing_is_served(direct: Database, path: str) -> None:
    async with visiting(direct, password=None) as client:
        response = await client.get(path, auth=credentials(""))
    assert response.status_code == 503
    assert "DASHBOARD_PASSWORD" in response.text


async def test_the_api_gives_rows_newest_first_up_to_the_limit(database: Database) -> None:
    await database.record(as_json(a_day()))
    messages = (await get(database, "/api/messages?limit=2")).json()["messages"]
    assert [row["message_sid"] for row in messages] == [messages[0]["message_sid"], "7"]
    calls = (await get(database, "/api/calls")).json()["calls"]
    assert {row["call_sid"] for row in calls} == {"CA1", "17", "recording:r9"}


@pytest.mark.parametrize("limit", ["0", "-1", "501", "x", "1e3", ""])
async def test_a_limit_that_makes_no_sense_is_refused(direct: Database, limit: str) -> None:
    assert (await get(direct, f"/api/calls?limit={limit}")).status_code == 422


async def test_a_database_that_is_away_is_said_so(free_port: int) -> None:
    away = DirectDatabase(f"postgresql://postgres:secret@127.0.0.1:{free_port}/postgres")
    response = await get(away, "/")
    assert response.status_code == 503
    assert "secret" not in response.text
    await away.close()
