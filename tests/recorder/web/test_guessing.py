"""Passwords cannot be guessed by trying."""

import asyncio

import hypothesis.strategies as st
import pytest
from hypothesis import given

from recorder.database import Database
from recorder.web.access.limiting import LONGEST_WAIT, Key, Limiter, one_of
from recorder.web.access.passwords import hash_password
from support.recorder_web import PASSWORD, Clock, credentials, sign_in, visiting

PROXY = {"trusted_proxies": "127.0.0.1"}


def coming_from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


@pytest.mark.parametrize("way", ["form", "basic", "bearer"])
async def test_whoever_guesses_waits_longer_and_longer(direct: Database, way: str) -> None:
    clock = Clock()
    async with visiting(direct, clock) as client:

        async def guess(password: str = "wrong") -> tuple[int, int]:
            if way == "form":
                response = await sign_in(client, password=password)
            elif way == "basic":
                response = await client.get("/api/calls", auth=credentials(password))
            else:
                response = await client.get("/api/calls", headers={"Authorization": f"Bearer {password}"})
            return response.status_code, int(response.headers.get("retry-after", 0))

        for _ in range(10):
            assert (await guess())[0] == 401
        waits = []
        for _ in range(14):
            status, wait = await guess()
            assert status == 429
            waits.append(wait)
            assert (await guess("wrong again" if way == "bearer" else PASSWORD))[0] == 429
            clock.forward(seconds=wait)
            assert (await guess())[0] == 401
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (1, LONGEST_WAIT)


async def test_the_right_password_clears_a_clients_failures(direct: Database) -> None:
    async with visiting(direct) as client:
        for _ in range(3):
            for _ in range(9):
                assert not (await client.get("/api/calls", auth=credentials("wrong"))).is_success
            assert (await client.get("/api/calls", auth=credentials())).status_code == 200


async def test_many_guesses_at_once_count_like_one_after_the_other(direct: Database, owner: Database) -> None:
    await owner.call("set_staff_user", name="Ana", password_hash=hash_password("hers"))
    async with visiting(direct, Clock()) as client:
        guesses = [client.get("/api/calls", auth=credentials(f"guess {n}", "Ana")) for n in range(30)]
        answers = [response.status_code for response in await asyncio.gather(*guesses)]
    assert answers.count(401) == 10
    assert answers.count(429) == 20


async def test_guessing_from_many_addresses_locks_the_name_but_not_who_was_in_before(
    direct: Database, owner: Database
) -> None:
    await owner.call("set_staff_user", name="Ana", password_hash=hash_password("hers"))
    async with visiting(direct, Clock(), **PROXY) as client:

        async def tries(address: str, password: str) -> int:
            auth = credentials(password, "Ana")
            return (await client.get("/api/calls", headers=coming_from(address), auth=auth)).status_code

        assert await tries("192.0.2.1", "hers") == 200
        guesses = [await tries(f"198.51.100.{n}", "wrong") for n in range(12)]
        assert guesses == [401] * 10 + [429] * 2
        assert await tries("198.51.100.99", "hers") == 429
        assert await tries("192.0.2.1", "hers") == 200


async def test_the_shared_password_is_one_account_whatever_name_is_given(direct: Database) -> None:
    async with visiting(direct, Clock(), **PROXY) as client:
        codes = []
        for n in range(101):
            headers, auth = coming_from(f"198.51.100.{n}"), credentials("wrong", f"name {n}")
            codes.append((await client.get("/api/calls", headers=headers, auth=auth)).status_code)
    assert codes == [401] * 100 + [429]


@pytest.mark.parametrize("own", [("anybody", PASSWORD), ("Ana", PASSWORD), ("Eve", "eves own")])
async def test_whoever_has_a_password_cannot_guess_anothers(
    direct: Database, owner: Database, own: tuple[str, str]
) -> None:
    """Their own success clears what counts against their address, not what counts against the name."""
    for name, password in (("Ana", "hers"), ("Eve", "eves own")):
        await owner.call("set_staff_user", name=name, password_hash=hash_password(password))
    async with visiting(direct, Clock()) as client:
        codes = []
        for n in range(12):
            assert (await client.get("/api/calls", auth=credentials(own[1], own[0]))).status_code == 200
            codes.append((await client.get("/api/calls", auth=credentials(f"guess {n}", "Ana"))).status_code)
    assert codes == [401] * 10 + [429] * 2


async def test_a_locked_name_is_no_way_to_guess_the_shared_password(direct: Database) -> None:
    async with visiting(direct, Clock(), **PROXY) as client:
        codes = []
        for n in range(101):
            headers, auth = coming_from(f"198.51.100.{n}"), credentials(f"guess {n}", "Ana")
            codes.append((await client.get("/api/calls", headers=headers, auth=auth)).status_code)
        headers = coming_from("198.51.100.200")
        last = await client.get("/api/calls", headers=headers, auth=credentials())
    assert codes == [401] * 10 + [429] * 91
    assert last.status_code == 429


async def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    direct: Database, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: either way one password is hashed."""
    from recorder.web.access import passwords

    hashed: list[str] = []
    fits = passwords._fits

    def counting(kept: str, password: bytes) -> bool:
        hashed.append(kept)
        return fits(kept, password)

    monkeypatch.setattr(passwords, "_fits", counting)
    await owner.call("set_staff_user", name="Ana", password_hash=hash_password("hers"))
    async with visiting(direct) as client:
        await client.get("/api/calls", auth=credentials("wrong", "Ana"))
        await client.get("/api/calls", auth=credentials("wrong", "Nobody"))
    assert len(hashed) == 2
    assert hashed[0].split("$")[:4] == hashed[1].split("$")[:4]


@given(st.lists(st.floats(0, 2000), max_size=60), st.integers(1, 5))
def test_a_wait_is_never_longer_than_the_longest_nor_shrinks_while_failures_go_on(
    pauses: list[float], free: int
) -> None:
    limiter, key, now = Limiter(), Key("client", free), 0.0
    for count, pause in enumerate(pauses, 1):
        now += pause
        limiter.failed([key], now)
        wait = limiter.wait([key], now)
        assert 0 <= wait <= LONGEST_WAIT
        if count < free:
            assert wait == 0
        assert limiter.wait([key], now + wait) == 0
        assert limiter.wait([key], now - 10_000) <= LONGEST_WAIT


def test_memory_is_bounded_however_many_addresses_guess() -> None:
    limiter = Limiter()
    for n in range(10_100):
        limiter.failed([Key(f"client {n}", 1)], 0)
    assert limiter.wait([Key("client 0", 1)], 0) == 0
    assert limiter.wait([Key("client 10099", 1)], 0) > 0


def test_an_ipv6_client_is_its_network() -> None:
    assert one_of("2001:db8:1:2:3::4") == one_of("2001:db8:1:2:ffff::1") != one_of("2001:db8:1:3::1")
    assert one_of("192.0.2.1") != one_of("192.0.2.2")
    assert one_of("not an address") == ""
