"""Spans: nothing when nobody asked, the right tree when somebody did, and never anybody's words."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chassis import tracing
from chassis.bus import Bus
from chassis.consuming import subscribe
from chassis.failures import Refused
from chassis.tracing import child_of, new_traceparent, trace_id
from contracts.registry import AnyEvent
from contracts.topology import RESPONDER_TEXTS
from support.backends import NatsServer
from support.collector import Collector, collecting
from support.events import text
from support.waiting import eventually

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Spans of this process are exported while a test runs; `tracing.shutdown` flushes them."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        tracing.configure("demo")
        yield collector
        tracing.shutdown()


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process of its own, as services do."""
    return subprocess.run(
        [sys.executable, "-c", code], env={**CLEAN, **variables}, capture_output=True, text=True, timeout=60, check=True
    )


NOT_IMPORTED = """
import sys
import chassis.process, chassis.consuming
from chassis import tracing
tracing.configure("demo")
with tracing.span("work") as span:
    span.set("a", 1)
    span.fail("x")
with tracing.batch("work", 1 / 0 if tracing.is_on() else ()):
    pass
print(sorted(name for name in sys.modules if name.startswith("opentelemetry.sdk") or "protobuf" in name))
"""


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": " "},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/v1/traces", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_when_nobody_collects_spans_the_sdk_is_not_even_imported(variables: dict[str, str]) -> None:
    assert run(NOT_IMPORTED, **variables).stdout == "[]\n"


def test_without_spans_events_still_share_a_trace() -> None:
    first = new_traceparent()
    second = child_of(first)
    assert trace_id(first) == trace_id(second)
    assert first != second
    assert trace_id(child_of(None)) != trace_id(first)
    assert trace_id(None) is None


def test_spans_form_a_tree_and_events_carry_the_span_that_made_them(collector: Collector) -> None:
    with tracing.span("POST /x", "server", root=True):
        carried = new_traceparent()
        with tracing.span("publish", "producer", parent=carried) as span:
            span.set("messaging.destination.name", "events.sms.received")
    with tracing.span("handle sms.received", "consumer", parent=carried):
        answer, foreign = child_of(carried), child_of(PARENT)
    tracing.shutdown()

    [root], [publish], [handle] = map(collector.named, ("POST /x", "publish", "handle sms.received"))
    assert (root.kind, publish.kind, handle.kind) == ("server", "producer", "consumer")
    assert carried == f"00-{root.trace_id}-{root.span_id}-01"
    assert answer == f"00-{root.trace_id}-{handle.span_id}-01"
    assert (root.parent, publish.parent, handle.parent) == ("", root.span_id, root.span_id)
    assert trace_id(foreign) == trace_id(PARENT)
    assert publish.attributes == {"messaging.destination.name": "events.sms.received"}
    assert {span.service for span in collector.spans} == {"frontdesk-demo"}


def test_every_root_is_a_new_trace_even_inside_another_span(collector: Collector) -> None:
    with tracing.span("outer"), tracing.span("POST /x", root=True):
        pass
    tracing.shutdown()
    assert collector.named("POST /x")[0].trace_id != collector.named("outer")[0].trace_id


def test_a_batch_has_a_span_of_its_own_and_one_in_the_trace_of_each_event(collector: Collector) -> None:
    parts = [("record sms.received", PARENT), ("record call.received", None)]
    with tracing.batch("record events", parts):
        pass
    tracing.shutdown()
    [batch], [text], [call] = (
        collector.named(name) for name in ("record events", "record sms.received", "record call.received")
    )
    assert batch.links == ("b" * 16,)
    assert batch.attributes == {"messaging.batch.message_count": 2}
    assert (text.trace_id, text.parent, text.links) == ("a" * 32, "b" * 16, (batch.span_id,))
    assert len({batch.trace_id, text.trace_id, call.trace_id}) == 3


def test_a_failure_is_known_by_its_class_and_never_by_its_words(collector: Collector) -> None:
    with pytest.raises(ValueError, match="pearl"), tracing.span("work"):
        raise ValueError("pearl +12125550123")
    with pytest.raises(KeyError), tracing.batch("together", ()):
        raise KeyError("pearl")
    with tracing.span("tell") as span:
        span.set("number", "call +12125550123, token=pearl")
    tracing.shutdown()
    assert collector.named("work")[0].attributes == {"error.type": "ValueError"}
    assert [span.failed for span in collector.spans] == [True, True, False]
    assert not any(b"pearl" in body or b"2125550123" in body for body in collector.bodies)


async def test_the_bus_carries_traces_whoever_publishes_and_whenever(
    collector: Collector, nats: NatsServer, operator: Bus
) -> None:
    followed: list[str] = []

    async def handler(event: AnyEvent) -> None:
        followed.append(child_of(event.traceparent))
        raise Refused("pearl")

    bus = Bus("responder", nats.url("responder"))
    subscribe(bus, RESPONDER_TEXTS, handler)
    await bus.start(RESPONDER_TEXTS)
    await operator.publish(text().model_copy(update={"traceparent": PARENT}))  # outside any span, as from a spool
    await eventually(lambda: collector.named("handle sms.received"))
    await bus.close()
    tracing.shutdown()
    [publish], [handle] = collector.named("publish"), collector.named("handle sms.received")
    assert (publish.trace_id, publish.parent) == (handle.trace_id, handle.parent) == ("a" * 32, "b" * 16)
    assert followed == [f"00-{'a' * 32}-{handle.span_id}-01"]
    assert (handle.failed, handle.attributes["error.type"]) == (True, "Refused")
    assert handle.attributes["messaging.message.id"] == publish.attributes["messaging.message.id"] == str(text().id)
    assert not any(b"pearl" in body for body in collector.bodies)


def test_what_the_sampler_drops_is_not_exported_and_marked_so_for_all_services(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracing.shutdown()
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    tracing.configure("demo")
    with tracing.span("dropped", root=True):
        carried = new_traceparent()
    assert carried.endswith("-00")
    with tracing.span("dropped as well", parent=carried):
        assert trace_id(child_of(carried)) == trace_id(carried)
    with tracing.span("kept", parent=PARENT):
        pass
    tracing.shutdown()
    assert [span.name for span in collector.spans] == ["kept"]


ONE_SPAN = """
from chassis import logs, tracing
logs.configure("demo")
tracing.configure("demo")
with tracing.span("work"):
    pass
tracing.shutdown()
print("done")
"""


def test_the_standard_variables_are_obeyed() -> None:
    with collecting() as collector:
        run(
            ONE_SPAN,
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.url}/v1/traces",
            OTEL_EXPORTER_OTLP_HEADERS="x-api-key=sesame",
            OTEL_SERVICE_NAME="practice",
        )
        run(ONE_SPAN, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_RESOURCE_ATTRIBUTES="service.name=branch")
    assert [span.service for span in collector.spans] == ["practice", "branch"]
    assert collector.headers[0]["x-api-key"] == "sesame"


def test_a_collector_that_is_away_or_hangs_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (silent.getsockname()[1], 9):
            endpoint = f"http://name:sesame@127.0.0.1:{port}"  # `run` waits for a minute, the SDK alone for ten
            ran = run(ONE_SPAN, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_EXPORTER_OTLP_TIMEOUT="600")
            assert "done" in ran.stdout
            assert "sesame" not in ran.stdout + ran.stderr


def test_a_collector_that_refuses_is_reported_and_disturbs_nobody() -> None:
    with collecting() as collector:
        collector.status = 400
        ran = run(ONE_SPAN, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert "Failed to export" in ran.stdout
    assert "done" in ran.stdout


def test_a_variable_the_sdk_cannot_read_stops_no_service() -> None:
    ran = run(ONE_SPAN, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_BSP_MAX_QUEUE_SIZE="-1")
    assert "an OTEL_ variable cannot be used" in ran.stdout
    assert "done" in ran.stdout
