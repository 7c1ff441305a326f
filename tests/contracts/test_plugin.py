"""The kit's pytest plugin, as somebody uses it who has nothing of ours but the installed package."""

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from contracts import EVENTS
from contracts.examples import EXAMPLES, examples_of
from contracts.recording import RecordingReady
from contracts.sms import SmsReceived
from contracts.testing.roles import consumed_by, consumers_of, produced_by
from contracts.topology import Consumer

pytest_plugins = ["pytester"]


def test_it_is_found_by_pytest() -> None:
    assert "contracts.testing.plugin" in {entry.value for entry in entry_points(group="pytest11")}


def test_it_does_not_load_hypothesis() -> None:
    program = "import sys, contracts.testing.plugin; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


LOOPS = "asyncio_default_fixture_loop_scope = function\n"


def run(pytester: pytest.Pytester, test: str, *, ini: str = "") -> pytest.RunResult:
    """A test run of a project of its own."""
    pytester.makeini(f"[pytest]\naddopts = --strict-markers --strict-config\nasyncio_mode = auto\n{LOOPS}{ini}")
    pytester.makepyfile(test)
    return pytester.runpytest("-p", "no:cacheprovider")


def test_without_a_marker_it_is_every_example_of_every_event(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(contract_example): assert contract_example.event.to_json()")
    result.assert_outcomes(passed=len(EXAMPLES))


CONSUMER = """
import pytest

@pytest.mark.contract_consumer("{service}")
def test_it(contract_example):
    assert contract_example.event.bus_subject in {subjects}
"""


def test_a_consumer_gets_what_it_consumes(pytester: pytest.Pytester) -> None:
    result = run(pytester, CONSUMER.format(service="transcriber", subjects=["events.recording.ready"]))
    result.assert_outcomes(passed=len(examples_of(RecordingReady)))


def frozen(folder: Path, version: str, name: str, body: object) -> None:
    file = folder / version / "examples" / name / "1.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(body))


def test_a_consumer_gets_the_released_versions_too(pytester: pytest.Pytester) -> None:
    old = json.loads(examples_of(RecordingReady)[0].to_json())
    frozen(pytester.path / "releases", "1.0.0", "frontdesk.recording.ready.v1", old)
    frozen(pytester.path / "releases", "1.1.0", "frontdesk.recording.ready.v1", old)
    frozen(pytester.path / "releases", "1.1.0", "frontdesk.sms.received.v1", {})
    frozen(pytester.path / "releases", "1.1.0", "frontdesk.voice.turn.request.v1", {})
    test = CONSUMER.format(service="transcriber", subjects=["events.recording.ready"])
    result = run(pytester, test, ini="contract_released = releases")
    result.assert_outcomes(passed=len(examples_of(RecordingReady)) + 2)


def test_a_released_example_that_cannot_be_read_any_more_fails_by_name(pytester: pytest.Pytester) -> None:
    old = json.loads(examples_of(RecordingReady)[0].to_json())
    del old["data"]["recording_sid"]
    frozen(pytester.path / "releases", "1.0.0", "frontdesk.recording.ready.v1", old)
    test = CONSUMER.format(service="transcriber", subjects=["events.recording.ready"])
    result = run(pytester, test, ini="contract_released = releases")
    result.assert_outcomes(passed=len(examples_of(RecordingReady)), failed=1)
    result.stdout.fnmatch_lines(["*RecordingReady-1.0.0-1 can no longer be read: *data.recording_sid*"])


def test_a_released_event_that_is_gone_is_named(pytester: pytest.Pytester) -> None:
    frozen(pytester.path / "releases", "1.0.0", "frontdesk.fax.received.v1", {})
    result = run(pytester, "def test_it(contract_example): ...", ini="contract_released = releases")
    result.stdout.fnmatch_lines(["*released in 1.0.0, but the contracts no longer know frontdesk.fax.received.v1*"])
    assert result.ret != 0


def test_a_consumer_that_does_not_exist_is_named(pytester: pytest.Pytester) -> None:
    result = run(pytester, CONSUMER.format(service="archiver", subjects=[]))
    result.stdout.fnmatch_lines(["*no service 'archiver' consumes events*recorder, responder, transcriber*"])
    assert result.ret != 0


def test_a_service_that_swallows_the_complaint_fails_all_the_same(pytester: pytest.Pytester) -> None:
    test = """
        import contextlib
        from contracts.examples import EXAMPLES

        async def test_it(recording_bus):
            bus = recording_bus("transcriber")
            with contextlib.suppress(Exception):
                await bus.publish(EXAMPLES[0])
        """
    result = run(pytester, test)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*transcriber published SmsReceived: only gateway may publish it*"])


def test_roles_follow_from_the_contracts() -> None:
    assert consumed_by("recorder") == EVENTS
    assert consumed_by("transcriber") == (RecordingReady,)
    assert SmsReceived in produced_by("gateway")


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("events.>", True),
        ("events.sms.>", True),
        ("events.sms.received", True),
        ("events.*.received", True),
        ("events.*", False),
        ("events.sms", False),
        ("events.sms.received.>", False),
        ("events.sms.sent", False),
    ],
)
def test_wildcards_mean_what_they_mean_to_nats(pattern: str, covers: bool) -> None:
    consumers = [Consumer("c", "somebody", (pattern,), max_ack_pending=1)]
    assert consumers_of(SmsReceived, consumers) == ({"somebody"} if covers else set())
