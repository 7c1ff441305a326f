"""What is counted in bulk is what would have been counted one by one."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from chassis.tally import Amounts, BulkHistogram, Level

BUCKETS = (0.001, 0.5, 1.0)


def shown(kind: type[Histogram]) -> tuple[CollectorRegistry, Histogram]:
    registry = CollectorRegistry()
    return registry, kind("seconds", "How long", ["route"], buckets=BUCKETS, registry=registry).labels("/a")


def without_times(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


@given(st.lists(st.sampled_from([0.0, 0.0005, 0.001, 0.25, 0.5, 0.75, 1.0, 2.0])))
def test_many_amounts_are_observed_as_one_by_one(amounts: list[float]) -> None:
    (one_registry, one_by_one), (bulk_registry, bulk) = shown(Histogram), shown(BulkHistogram)
    for amount in amounts:
        one_by_one.observe(amount)
    assert isinstance(bulk, BulkHistogram)
    bulk.observe_all(amounts)
    assert without_times(bulk_registry) == without_times(one_registry)


def test_amounts_are_handed_over_once_by_key() -> None:
    handed: list[tuple[str, list[float]]] = []
    amounts = Amounts[str](lambda key, noted: handed.append((key, [*noted])))
    for key, amount in (("a", 1.0), ("b", 2.0), ("a", 3.0)):
        amounts.add(key, amount)
    amounts.flush()
    amounts.flush()
    assert handed == [("a", [1.0, 3.0]), ("b", [2.0])]


def test_a_level_is_what_it_is_now() -> None:
    handed: list[int] = []
    level = Level(handed.append)
    level.now += 2
    level.flush()
    level.now -= 1
    level.flush()
    assert handed == [2, 1]
