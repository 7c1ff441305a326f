"""The pages as a server sends them, without a browser."""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from recorder.database import Database
from recorder.direct import DirectDatabase
from recorder.web.pages import rendering
from support.front_desk import PRACTICE, a_morning, number
from support.recorder import as_json
from support.recorder_web import PASSWORD, credentials, sign_in, visiting

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PAGES = (
    "/", "/conversations", f"/conversations/{PRACTICE}:{number(32)}", "/calls", "/calls?outcome=missed&period=week",
    "/calls/twilio/CAvoicemail", "/calls/twilio/CAanswered", "/analytics", "/analytics?period=today",
    "/analytics?period=year", "/search", "/search?q=crown", "/search?q=555", "/search?q=crown&kind=message",
)  # fmt: skip


@pytest.fixture
async def morning(direct: Database) -> Database:
    """A database with a morning in it."""
    await direct.record(as_json(list(a_morning(datetime.now(UTC)))))
    return direct


async def test_every_page_is_whole_has_nothing_inline_and_its_files_are_there(database: Database) -> None:
    await database.record(as_json(list(a_morning(datetime.now(UTC)))))
    async with visiting(database) as client:
        await sign_in(client)
        for path in PAGES:
            response = await client.get(path, headers=BROWSER)
            assert response.status_code == 200, path
            html = response.text
            assert html.startswith("<!doctype html>")
            assert html.count("<h1") == 1, path
            assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html), path
            assert not re.search(r"https?://(?!www\.w3\.org)", html), f"{path} names another host"
            for asset in set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html)):
                file = await client.get(asset)
                assert file.status_code == 200
                assert "immutable" in file.headers["cache-control"]


async def test_a_fragment_is_the_contents_only(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        response = await client.get("/", headers={rendering.FRAGMENT: "1"})
    assert "<html" not in response.text
    assert 'id="view"' in response.text
    assert rendering.FRAGMENT in response.headers["vary"]


async def test_a_browser_is_led_to_the_form_and_back(morning: Database) -> None:
    async with visiting(morning) as client:
        response = await client.get("/calls?outcome=missed", headers=BROWSER)
        assert response.status_code == 303
        where = urlsplit(response.headers["location"])
        assert where.path == "/login"
        assert parse_qs(where.query)["next"] == ["/calls?outcome=missed"]
        form = await client.get(response.headers["location"])
        assert 'value="/calls?outcome=missed"' in form.text
        assert (await client.get("/", headers=BROWSER | {rendering.FRAGMENT: "1"})).status_code == 401
        assert (await client.get("/")).status_code == 401
        wrong = await client.get("/", headers=BROWSER, auth=credentials("wrong"))
        assert wrong.status_code == 401
        assert wrong.headers["www-authenticate"].startswith("Basic ")
        assert (await client.get("/", headers=BROWSER, auth=credentials(PASSWORD))).status_code == 200


async def test_strangers_see_nothing(morning: Database) -> None:
    async with visiting(morning) as client:
        for path in ("/live", *PAGES, "/desk/done", "/desk/assign", "/desk/note"):
            response = await (client.post(path) if path.startswith("/desk") else client.get(path))
            assert response.status_code == 401, path
            assert "555-01" not in response.text


async def test_forms_are_kept_signed_and_followed_by_the_page(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        page = (await client.get("/calls/twilio/CAmissed1")).text
        form = {"csrf": _csrf(page), "kind": "call", "key": "twilio/CAmissed1", "back": "/calls/twilio/CAmissed1"}
        for path, given in (
            ("/desk/done", {"done": "yes"}),
            ("/desk/assign", {"mine": "yes"}),
            ("/desk/note", {"note": " Rang twice. "}),
        ):
            response = await client.post(path, data=form | given)
            assert response.status_code == 303
            assert response.headers["location"].startswith("/calls/twilio/CAmissed1?did=")
        page = (await client.get(response.headers["location"])).text
        assert "Done by Maria" in page
        assert 'value="Maria"' in page
        assert "Rang twice." in page
        nothing = await client.post("/desk/note", data=form | {"note": "  "})
        assert nothing.headers["location"] == "/calls/twilio/CAmissed1"


async def test_a_form_leads_nowhere_else(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        form = {"csrf": _csrf((await client.get("/")).text), "kind": "call", "key": "twilio/CAmissed1", "done": "yes"}
        for back in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""):
            response = await client.post("/desk/done", data=form | {"back": back})
            assert response.headers["location"].startswith("/?did=done"), back


async def test_a_form_that_is_forged_or_makes_no_sense_changes_nothing(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        before = (await client.get("/")).text
        form = {"csrf": _csrf(before), "kind": "call", "key": "twilio/CAmissed1", "done": "yes", "back": "/"}
        forged = [form | {"csrf": csrf} for csrf in ("", "0" * 64)]
        senseless = [form | {name: value} for name, value in (
            ("kind", "staff_users"), ("key", ""), ("key", "x" * 300), ("key", "a\0b"), ("done", "perhaps"),
        )]  # fmt: skip
        for data in forged + senseless:
            response = await client.post("/desk/done", data=data)
            assert response.status_code == (403 if data in forged else 400), data
            assert "<h1>" in response.text
        assert (await client.get("/")).text.count('<li class="card') == before.count('<li class="card')


async def test_reading_a_thread_is_kept_and_refreshing_it_is_not(morning: Database) -> None:
    path = f"/conversations/{PRACTICE}:{number(32)}"
    async with visiting(morning) as client:
        await sign_in(client)
        assert "First opened" not in (await client.get(path, headers={rendering.FRAGMENT: "1"})).text
        await client.get(path)
        assert "First opened by Maria" in (await client.get(path)).text


async def test_a_recording_leads_to_its_call(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        response = await client.get("/recordings/twilio/REvoicemail")
        assert response.headers["location"] == "/calls/twilio/CAvoicemail"
        assert (await client.get("/recordings/twilio/REnone")).status_code == 404


async def test_what_is_not_there_is_said_on_a_page(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        for path in ("/conversations/nobody", "/calls/twilio/none", "/calls?cursor=x", "/conversations?cursor=x"):
            response = await client.get(path, headers=BROWSER)
            assert response.status_code in (400, 404), path
            assert "<h1>Not found</h1>" in response.text


async def test_a_database_that_is_away_is_said_on_a_page(free_port: int) -> None:
    away = DirectDatabase(f"postgresql://postgres:secret@127.0.0.1:{free_port}/postgres")
    async with visiting(away) as client:
        response = await client.get("/", headers=BROWSER, auth=credentials())
    await away.close()
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert "The database cannot be reached" in response.text
    assert "secret" not in response.text


async def test_the_line_for_news_says_the_version_first(morning: Database) -> None:
    async with visiting(morning) as client:
        await sign_in(client)
        async with client.stream("GET", "/live") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.aiter_lines()
            said = [await anext(lines) for _ in range(4)]
    assert said[0] == "retry: 1000"
    assert said[2] == "event: version"


def test_another_version_of_a_file_has_another_address() -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{16}", rendering.static_root())


def test_vendored_libraries_carry_their_licences() -> None:
    vendored = Path(rendering.__file__).parent.parent / "static" / "vendor"
    for library in vendored.iterdir():
        assert [file for file in library.iterdir() if file.name.startswith("LICENSE")], library.name


def _csrf(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found is not None
    return found[1]
