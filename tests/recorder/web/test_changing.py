"""Marks and notes are written by who may, from our own pages or from no browser, and every look is kept."""

from typing import Any

import httpx
import psycopg
import pytest

from recorder.database import Database
from recorder.web import openapi
from recorder.web.access.tokens import new_token, token_hash
from support.recorder import PATIENT, PRACTICE, as_json
from support.recorder_day import a_day
from support.recorder_web import HOSTILE, credentials, sign_in, visiting

DONE = "/api/marks/call/twilio/CA1/done"
THREAD = f"{PRACTICE}:{PATIENT}"


async def token(owner: Database, name: str, scope: str) -> dict[str, str]:
    """A new token, as a header."""
    made = new_token()
    assert await owner.call("add_token", name=name, token_hash=token_hash(made), scope=scope)
    return {"Authorization": f"Bearer {made}"}


async def signed_in(client: httpx.AsyncClient) -> dict[str, str]:
    """Sign in; gives the header with the CSRF token."""
    await sign_in(client)
    return {"X-CSRF-Token": (await client.get("/api/session")).json()["csrf"]}


async def test_things_are_done_assigned_opened_and_noted(database: Database) -> None:
    await database.record(as_json(a_day()))
    async with visiting(database) as client:
        csrf = await signed_in(client)

        async def post(path: str, body: Any = None) -> Any:
            response = await client.post(f"/api/marks/conversation/{THREAD}/{path}", json=body, headers=csrf)
            assert response.is_success, response.text
            return response.json()

        assert (await post("done", {"done": True}))["done_by"] == "Maria"
        assert (await post("assigned", {"to": "Ana"}))["assigned_to"] == "Ana"
        assert (await post("opened"))["opened_by"] == "Maria"
        assert (await post("notes", {"note": HOSTILE}))["note"] == HOSTILE
        thread = (await client.get(f"/api/conversations/{THREAD}")).json()
        assert thread["marks"]["done_by"] == "Maria"
        assert [(note["author"], note["note"]) for note in thread["written"]] == [("Maria", HOSTILE)]
        again = await post("done", {"done": False})
        assert (again["done_at"], again["done_by"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("done", {}),
        ("done", {"done": "perhaps"}),
        ("done", {"done": True, "who": "somebody else"}),
        ("assigned", {"to": "x" * 81}),
        ("assigned", {"to": "a\0b"}),
        ("notes", {"note": ""}),
        ("notes", {"note": "x" * 4001}),
        ("notes", {"note": "a\0b"}),
        ("notes", {"note": 7}),
        ("notes", []),
    ],
)
async def test_marks_that_make_no_sense_are_refused(direct: Database, path: str, body: Any) -> None:
    async with visiting(direct) as client:
        response = await client.post(f"/api/marks/call/twilio/CA1/{path}", json=body, auth=credentials())
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_text_that_is_none_is_refused(direct: Database) -> None:
    async with visiting(direct) as client:
        for content in (b'{"note": "\\ud800"}', b"{", b"\xff", b"null"):
            response = await client.post(
                "/api/marks/call/x/notes",
                content=content,
                headers={"Content-Type": "application/json"},
                auth=credentials(),
            )
            assert response.status_code in {400, 422}, content


OTHER_SITES = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1:1"},
]


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
async def test_another_sites_page_changes_nothing_in_the_name_of_who_is_signed_in(
    direct: Database, connection: psycopg.Connection, headers: dict[str, str]
) -> None:
    async with visiting(direct) as client:
        csrf = await signed_in(client)
        for path in (DONE, "/logout"):
            stolen = await client.post(path, json={"done": True}, headers=headers | csrf)
            assert stolen.status_code == 403
        client.cookies.clear()
        ambient = await client.post(DONE, json={"done": True}, headers=headers, auth=credentials())
        assert ambient.status_code == 403
        login = await client.post("/login", data={"password": "x"}, headers=headers)
        assert login.status_code == 403
    assert connection.execute("select count(*) from staff_marks").fetchone() == (0,)


async def test_forms_and_scripts_need_the_token_of_their_session(direct: Database) -> None:
    async with visiting(direct) as client:
        csrf = (await signed_in(client))["X-CSRF-Token"]
        home = {"Origin": str(client.base_url), "Sec-Fetch-Site": "same-origin"}
        for given in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": csrf[:-1]}, {"X-CSRF-Token": csrf.upper()}):
            refused = await client.post(DONE, json={"done": True}, headers=home | given)
            assert refused.status_code == 403
        for data in ({}, {"csrf": "wrong"}):
            assert (await client.post("/logout", data=data, headers=home)).status_code == 403
        assert (await client.post(DONE, json={"done": True}, headers={"X-CSRF-Token": csrf})).status_code == 200
        await sign_in(client, "Another")
        old = await client.post(DONE, json={"done": True}, headers={"X-CSRF-Token": csrf})
        assert old.status_code == 403


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""]
)
async def test_what_a_form_of_another_site_can_send_is_refused_with_basic_credentials(
    direct: Database, connection: psycopg.Connection, kind: str
) -> None:
    """A browser sends Basic credentials by itself, and an old one may not say from where the form came."""
    async with visiting(direct) as client:
        headers = {"Content-Type": kind} if kind else {}
        response = await client.post(DONE, content=b'{"done": true}', headers=headers, auth=credentials())
    assert response.status_code in {400, 403, 422}
    assert connection.execute("select count(*) from staff_marks").fetchone() == (0,)


async def test_tokens_do_what_their_scope_says_until_they_are_revoked(database: Database, owner: Database) -> None:
    reading, writing = await token(owner, "reports", "read"), await token(owner, "sync", "write")
    async with visiting(database) as client:
        for headers in (reading, writing):
            assert (await client.get("/api/calls", headers=headers)).status_code == 200
        refused = await client.post(DONE, json={"done": True}, headers=reading)
        assert (refused.status_code, refused.json()["detail"]) == (403, "this token may only read")
        done = await client.post(DONE, json={"done": True}, headers=writing)
        assert done.json()["done_by"] == "sync"
        await owner.call("revoke_token", name="reports")
        assert (await client.get("/api/calls", headers=reading)).status_code == 401
    [kept] = await owner.call("list_tokens")
    assert (kept["name"], kept["scope"]) == ("sync", "write")
    assert kept["used_at"] is not None
    assert writing["Authorization"].partition(" ")[2] not in str(kept)


async def test_every_route_of_the_api_asks_who_it_is_and_those_that_change_something_who_may(
    direct: Database, owner: Database
) -> None:
    reading = await token(owner, "reports", "read")
    paths = openapi()["paths"]
    assert len(paths) > 10
    async with visiting(direct) as client:
        for path, methods in paths.items():
            url = path.replace("{kind}", "call").replace("{", "").replace("}", "")
            for method in methods:
                assert (await client.request(method, url)).status_code == 401, (method, path)
                if method != "get":
                    response = await client.request(method, url, headers=reading)
                    assert response.status_code == 403, (method, path)


async def test_who_looked_at_what_is_kept(database: Database, owner: Database, connection: psycopg.Connection) -> None:
    await database.record(as_json(a_day()))
    headers = await token(owner, "reports", "read")
    async with visiting(database) as client:
        maria = credentials(user="Maria")
        await client.get("/api/calls/twilio/CA1", auth=maria)
        await client.get(f"/api/conversations/{THREAD}", auth=maria)
        await client.get("/api/search", params={"q": "secret words"}, headers=headers)
        await client.get("/api/calls.csv", headers=headers)
        await client.post(DONE, json={"done": True}, auth=maria)
        await client.get("/api/calls", auth=maria)
    assert connection.execute("select who, action, kind, key, client from audit_log order by id").fetchall() == [
        ("Maria (shared password)", "looked", "call", "twilio/CA1", "127.0.0.1"),
        ("Maria (shared password)", "looked", "conversation", THREAD, "127.0.0.1"),
        ("token reports", "searched", "search", "", "127.0.0.1"),
        ("token reports", "exported", "calls", "", "127.0.0.1"),
        ("Maria (shared password)", "done", "call", "twilio/CA1", "127.0.0.1"),
    ]


async def test_a_look_that_cannot_be_kept_is_not_given(direct: Database, connection: psycopg.Connection) -> None:
    await direct.record(as_json(a_day()))
    connection.execute("drop function public.audit(text, text, text, text, text)")
    async with visiting(direct) as client:
        response = await client.get("/api/calls/twilio/CA1", auth=credentials())
    assert response.status_code == 503
    assert PATIENT not in response.text


async def test_while_the_database_is_away_everything_says_so(free_port: int) -> None:
    from recorder.direct import DirectDatabase

    database = DirectDatabase(f"postgresql://nobody@127.0.0.1:{free_port}/x")
    async with visiting(database) as client:
        for path in ("/api/calls", "/api/messages", "/api/today", "/api/calls.csv", "/api/recordings/twilio/RE1/audio"):
            response = await client.get(path, auth=credentials())
            assert response.status_code == 503
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["retry-after"] == "5"
            assert "database" in response.json()["detail"]
        client.cookies.set("frontdesk", "x")
        assert (await client.get("/api/calls")).status_code == 503
    await database.close()


@pytest.mark.parametrize("change", ["late", "erased"])
async def test_the_latest_change_is_seen_whatever_order_transactions_end_in(
    direct: Database, connection: psycopg.Connection, migrated_url: str, change: str
) -> None:
    await direct.record(as_json(a_day()))
    if change == "erased":
        [before] = await direct.call("latest_change")
        connection.execute("delete from events where seq = (select min(seq) from events)")
    else:
        with psycopg.connect(migrated_url) as slow:
            insert = (
                "insert into events (id, fingerprint, type, provider, time, data)"
                " values (gen_random_uuid(), 'x', 'x', 'x', now(), '{}')"
            )
            slow.execute(insert)  # takes its number first, and commits last
            connection.execute(insert)
            [before] = await direct.call("latest_change")
            slow.commit()
    [after] = await direct.call("latest_change")
    assert after != before
