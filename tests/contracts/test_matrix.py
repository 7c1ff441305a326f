"""Every event has a test of the service that publishes it and, for each service that consumes it, a test of that one.

A producer test says so with `@produces(...)`. A consumer test is marked `contract_consumer(SERVICE)` and takes
`contract_example`, so it covers every event its service consumes that has an example.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest

from contracts import EVENTS
from contracts.call import CallTurnTaken
from contracts.envelope import Event, EventData, Service
from contracts.examples import EXAMPLES
from contracts.registry import AnyEvent
from contracts.sms import SmsSent
from contracts.testing.plugin import MARKER
from contracts.testing.roles import consumers_of
from contracts.topology import CONSUMERS, Consumer

SERVICES = Path(__file__).parents[2] / "services"

NOBODY_YET: Mapping[type[AnyEvent], str] = {
    CallTurnTaken: "the receptionist does not talk to callers yet",
}
"""Events that no service publishes, and why. An entry that is no longer true fails."""


@dataclass(frozen=True)
class Covered:
    """What the contract tests say they cover."""

    produced: frozenset[type[AnyEvent]]
    consuming: frozenset[str]
    """Services with a consumer test."""


def covered_in(folder: Path) -> Covered:
    """Of all modules there, whichever of them run today."""
    tests = [test for file in sorted(folder.glob("test_*.py")) for test in _tests_of(file)]
    held = [test for test in tests if "recording_bus" in inspect.signature(test).parameters]
    marks = [
        mark
        for test in tests
        if "contract_example" in inspect.signature(test).parameters
        for mark in test.__dict__.get("pytestmark", ())
    ]
    return Covered(
        produced=frozenset(kind for test in held for kind in test.__dict__.get("produces", ())),
        consuming=frozenset(mark.args[0] for mark in marks if mark.name == MARKER),
    )


def _tests_of(file: Path) -> Iterable[Callable[..., Any]]:
    if file == Path(__file__) or not any(claim in file.read_text() for claim in ("@produces", MARKER)):
        return []
    spec = spec_from_file_location(f"read_by_the_matrix_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where classes defined in it look for themselves
    spec.loader.exec_module(module)
    return [value for name, value in vars(module).items() if name.startswith("test_") and callable(value)]


def gaps(
    covered: Covered, events: Sequence[type[AnyEvent]] = EVENTS, consumers: Sequence[Consumer] = CONSUMERS
) -> list[str]:
    """What is missing, a sentence each."""
    exemplified = {type(example) for example in EXAMPLES}
    return [
        *(
            f"{event.__name__}: no test of {event.published_by} says @produces({event.__name__})"
            for event in events
            if event not in covered.produced and event not in NOBODY_YET
        ),
        *(
            f"{event.__name__}: no test of {service} is marked {MARKER}('{service}') and takes contract_example"
            for event in events
            for service in sorted(consumers_of(event, consumers) - covered.consuming)
        ),
        *(f"{event.__name__}: no example for its consumers" for event in events if event not in exemplified),
    ]


def stale(
    covered: Covered, mentioned: Mapping[str, set[str]], nobody: Iterable[type[AnyEvent]] = NOBODY_YET
) -> list[str]:
    """Entries of `NOBODY_YET` that are no longer true; `mentioned`: the names in each service's source."""
    return [
        f"{event.__name__} is listed as published by nobody, but {publisher}"
        for event in nobody
        for publisher, is_so in (
            (f"a test of {event.published_by} produces it", event in covered.produced),
            (f"the source of {event.published_by} mentions it", event.__name__ in mentioned[event.published_by]),
        )
        if is_so
    ]


def names_in(folder: Path) -> set[str]:
    """Every name in the Python source there."""
    nodes = [node for file in folder.rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    named = [node.id for node in nodes if isinstance(node, ast.Name)]
    return {*named, *(node.attr for node in nodes if isinstance(node, ast.Attribute))}


@pytest.fixture(scope="module")
def covered() -> Covered:
    return covered_in(Path(__file__).parent)


def test_every_event_has_its_tests(covered: Covered) -> None:
    assert gaps(covered) == []


def test_what_nobody_publishes_is_still_published_by_nobody(covered: Covered) -> None:
    mentioned = {service.name: names_in(service / "src") for service in SERVICES.iterdir() if service.is_dir()}
    assert stale(covered, mentioned) == []
    assert "SmsSent" in mentioned["responder"], "the search finds what is published"


# --- that this test would notice ------------------------------------------------------------------------------------


class FaxReceivedData(EventData):
    """Invented here."""

    def identity(self) -> tuple[str, str, str]:
        return "fax", "1", "received"


class FaxReceived(Event[FaxReceivedData]):
    """Invented here."""

    bus_subject: ClassVar[str] = "events.fax.received"
    published_by: ClassVar[Service] = "gateway"
    type: Literal["frontdesk.fax.received.v1"] = "frontdesk.fax.received.v1"


def test_a_new_event_without_tests_is_noticed(covered: Covered) -> None:
    assert gaps(covered, (*EVENTS, FaxReceived)) == [
        "FaxReceived: no test of gateway says @produces(FaxReceived)",
        "FaxReceived: no example for its consumers",
    ]


def test_a_new_consumer_without_a_test_is_noticed(covered: Covered) -> None:
    archiver = Consumer("archiver", "archiver", ("events.sms.*",), max_ack_pending=1)
    assert gaps(covered, consumers=(*CONSUMERS, archiver)) == [
        f"{name}: no test of archiver is marked contract_consumer('archiver') and takes contract_example"
        for name in ("SmsReceived", "SmsStatusChanged", "SmsSent", "SmsSuppressed")
    ]


def test_a_lost_test_is_noticed(covered: Covered) -> None:
    lost = Covered(covered.produced - {SmsSent}, covered.consuming - {"transcriber"})
    assert gaps(lost) == [
        "SmsSent: no test of responder says @produces(SmsSent)",
        "RecordingReady: no test of transcriber is marked contract_consumer('transcriber') and takes contract_example",
    ]


def test_an_event_that_somebody_publishes_after_all_is_noticed(covered: Covered) -> None:
    assert stale(covered, {"responder": {"SmsSent"}}, [SmsSent]) == [
        "SmsSent is listed as published by nobody, but a test of responder produces it",
        "SmsSent is listed as published by nobody, but the source of responder mentions it",
    ]
