"""Sessions: how they begin, how long they live, and what a browser is told."""

import re
from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher

from recorder.database import Database
from recorder.web.access.passwords import hash_password
from support.recorder_web import PASSWORD, Clock, credentials, sign_in, visiting

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def audit(connection: psycopg.Connection) -> list[tuple[str, str, str, str]]:
    """Who did what to what."""
    return connection.execute("select who, action, kind, key from audit_log order by id").fetchall()


async def test_a_browser_signs_in_by_the_form_looks_around_and_signs_out(
    database: Database, connection: psycopg.Connection
) -> None:
    async with visiting(database) as client:
        turned_away = await client.get("/?x=1", headers=BROWSER)
        assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/login?next=%2F%3Fx%3D1")
        form = await client.get(turned_away.headers["location"])
        assert 'name="password"' in form.text
        data = {"name": "Maria", "password": PASSWORD, "next": "/?x=1"}
        signed_in = await client.post("/login", data=data)
        assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/?x=1")
        assert (await client.get("/")).status_code == 200
        me = (await client.get("/api/session")).json()
        assert me["name"] == "Maria"
        assert (await client.post("/logout", data={"csrf": me["csrf"]})).headers["location"] == "/login"
        assert (await client.get("/", headers=BROWSER)).status_code == 303
        assert (await client.get("/api/calls")).status_code == 401
    assert audit(connection) == [
        ("Maria (shared password)", "signed in", "session", ""),
        ("Maria (shared password)", "signed out", "session", ""),
    ]


async def test_the_cookie_is_for_this_host_and_no_script(direct: Database) -> None:
    async with visiting(direct) as client:
        plain = (await sign_in(client)).headers["set-cookie"]
    assert re.fullmatch(r"frontdesk=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", plain)
    async with visiting(direct, trusted_proxies="127.0.0.1") as client:
        headers = {"X-Forwarded-Proto": "https", "Host": "desk.example", "Origin": "https://desk.example"}
        data = {"password": PASSWORD}
        secure = (await client.post("/login", data=data, headers=headers)).headers
    assert re.fullmatch(
        r"__Host-frontdesk=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure", secure["set-cookie"]
    )
    assert secure["strict-transport-security"] == "max-age=31536000"


async def test_a_stranger_cannot_say_that_the_connection_is_secure(direct: Database) -> None:
    async with visiting(direct) as client:
        response = await client.post("/login", data={"password": PASSWORD}, headers={"X-Forwarded-Proto": "https"})
    assert response.headers["set-cookie"].startswith("frontdesk=")
    assert "strict-transport-security" not in response.headers


async def test_a_session_ends_after_its_time_even_if_used_and_earlier_if_not(database: Database) -> None:
    clock = Clock()
    async with visiting(database, clock, dashboard_session_hours=2, dashboard_idle_minutes=30) as client:
        await sign_in(client)
        for _ in range(5):
            clock.forward(minutes=23)
            assert (await client.get("/api/calls")).status_code == 200
        clock.forward(minutes=6)
        assert (await client.get("/api/calls")).status_code == 401
        await sign_in(client)
        clock.forward(minutes=31)
        response = await client.get("/api/calls")
    assert (response.status_code, response.json()["detail"]) == (401, "the session is over: sign in again")


async def test_a_session_outlives_the_process_but_not_a_change_of_the_password(direct: Database) -> None:
    async with visiting(direct) as client:
        await sign_in(client)
        cookies = client.cookies
    async with visiting(direct) as client:
        client.cookies = cookies
        assert (await client.get("/api/calls")).status_code == 200
    async with visiting(direct, password="another") as client:
        client.cookies = cookies
        assert (await client.get("/api/calls")).status_code == 401


async def test_a_planted_session_id_is_not_used(direct: Database) -> None:
    planted = "A" * 43
    async with visiting(direct) as client:
        client.cookies.set("frontdesk", planted)
        given = (await sign_in(client)).cookies["frontdesk"]
        assert given != planted
        client.cookies.clear()
        client.cookies.set("frontdesk", planted)
        assert (await client.get("/api/calls")).status_code == 401


async def test_signing_in_again_ends_the_session_before(direct: Database) -> None:
    async with visiting(direct) as client:
        first = (await sign_in(client)).cookies["frontdesk"]
        second = (await sign_in(client)).cookies["frontdesk"]
        assert first != second
        client.cookies.clear()
        client.cookies.set("frontdesk", first)
        assert (await client.get("/api/calls")).status_code == 401


async def test_the_database_holds_nothing_that_lets_anybody_in(
    direct: Database, owner: Database, connection: psycopg.Connection
) -> None:
    await owner.call("set_staff_user", name="Ana", password_hash=hash_password("secret of Ana"))
    async with visiting(direct) as client:
        session = (await sign_in(client, "Ana", "secret of Ana")).cookies["frontdesk"]
    kept = str(connection.execute("select s::text, u::text from staff_sessions s, staff_users u").fetchall())
    for secret in (session, "secret of Ana", PASSWORD):
        assert secret not in kept
    assert "$argon2id$" in kept


@pytest.mark.parametrize(
    "next_page",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\/evil", "javascript:alert(1)", "/\t/x", ""],
)
async def test_signing_in_leads_to_our_own_pages_only(direct: Database, next_page: str) -> None:
    async with visiting(direct) as client:
        response = await client.post("/login", data={"password": PASSWORD, "next": next_page})
        shown = await client.get("/login", params={"next": next_page})
    assert response.headers["location"] == "/"
    assert "evil" not in shown.text


async def test_what_is_typed_into_the_form_is_not_shown_as_markup(direct: Database) -> None:
    async with visiting(direct) as client:
        response = await client.get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>" not in response.text


async def test_people_have_passwords_of_their_own(database: Database, owner: Database) -> None:
    await owner.call("set_staff_user", name="Ana Díaz", password_hash=hash_password("pärla"))
    async with visiting(database) as client:
        for name, password, allowed in (
            ("Ana Díaz", "pärla", True),
            ("ana díaz", "pärla", True),
            ("Ana", "pärla", False),
            ("Ana Díaz", "parla", False),
        ):
            response = await client.get("/api/session", auth=credentials(password, name))
            assert response.is_success is allowed, name
            if allowed:
                assert response.json()["name"] == "Ana Díaz"
        assert (await sign_in(client, "Ana Díaz", "pärla")).status_code == 303
        await owner.call("set_staff_user", name="Ana Díaz", password_hash=hash_password("new"))
        assert (await client.get("/api/calls")).status_code == 401
        assert (await client.get("/api/calls", auth=credentials("pärla", "Ana Díaz"))).status_code == 401
        assert (await client.get("/api/calls", auth=credentials("new", "Ana Díaz"))).status_code == 200
        await owner.call("remove_staff_user", name="Ana Díaz")
        assert (await client.get("/api/calls", auth=credentials("new", "Ana Díaz"))).status_code == 401


async def test_the_shared_password_may_be_given_as_a_hash(direct: Database) -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with visiting(direct, password=hashed) as client:
        for _ in range(2):
            assert (await client.get("/api/calls", auth=credentials())).status_code == 200
        assert (await client.get("/api/calls", auth=credentials(hashed))).status_code == 401
        assert (await sign_in(client)).status_code == 303
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/calls", "/api/messages", "/api/openapi.json"])
async def test_a_wrong_password_shows_nothing(direct: Database, path: str) -> None:
    async with visiting(direct) as client:
        for password in ("", "wrong", PASSWORD + "x", PASSWORD[:-1]):
            response = await client.get(path, auth=credentials(password))
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic ")
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, auth=credentials(PASSWORD, user=""))).status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic eA==", "Bearer x", "Basic \xff", "Digest x", "x"])
async def test_broken_credentials_are_wrong_credentials(direct: Database, header: str) -> None:
    async with visiting(direct) as client:
        response = await client.get("/", headers={b"authorization": header.encode("latin-1")})
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["/", "/api/calls", "/api/messages"])
async def test_without_any_password_nothing_is_served(database: Database, owner: Database, path: str) -> None:
    async with visiting(database, password=None) as client:
        for auth in (None, credentials("")):
            response = await client.get(path, auth=auth)
            assert response.status_code == 503
            assert "DASHBOARD_PASSWORD" in response.text
        await owner.call("set_staff_user", name="Ana", password_hash=hash_password("hers"))
        assert (await client.get(path, auth=credentials(""))).status_code == 401
        assert (await client.get(path, auth=credentials("hers", "Ana"))).status_code == 200


async def test_a_browsers_script_is_not_answered_with_a_password_dialog(direct: Database) -> None:
    async with visiting(direct) as client:
        response = await client.get("/api/calls", headers={"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_headers_keep_what_is_shown_to_who_asked(direct: Database) -> None:
    async with visiting(direct) as client:
        answers = [
            await client.get("/login"),
            await client.get("/api/calls"),
            await client.get("/api/calls", auth=credentials()),
            await client.get("/no-such-page", auth=credentials()),
        ]
    for response in answers:
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["cross-origin-opener-policy"] == "same-origin"
        assert response.headers["cross-origin-resource-policy"] == "same-origin"
        assert response.headers["referrer-policy"] == "same-origin"
        assert "no-store" in response.headers["cache-control"] or "private" in response.headers["cache-control"]
        assert "access-control-allow-origin" not in response.headers


async def test_a_request_without_end_is_refused(direct: Database) -> None:
    async with visiting(direct) as client:
        assert (await client.post("/login", content=b"x" * 70_000)).status_code == 413

        async def endless() -> AsyncIterator[bytes]:
            yield b"x"

        assert (await client.post("/login", content=endless())).status_code == 411


async def test_methods_that_make_no_sense_say_so_as_problems(direct: Database) -> None:
    async with visiting(direct) as client:
        response: httpx.Response = await client.delete("/api/calls", auth=credentials())
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
