"""Spans by the OpenTelemetry SDK, exported by OTLP/HTTP. Imported only when spans are wanted: see `chassis.tracing`.

The SDK reads the standard variables itself: endpoint, headers, timeout, sampler, resource attributes, batch sizes.
Spans wait in a bounded queue for a thread of the SDK's. When the queue is full spans are dropped, and no work.
"""

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from chassis.masking import scrub
from chassis.metrics import version_of
from chassis.tracing import Attribute, Kind

_KINDS: dict[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}


class OtlpSpan:
    """A span of the SDK behind our narrow port: nothing but scrubbed attributes and a kind of failure gets in."""

    def __init__(self, inner: trace.Span) -> None:
        self._inner = inner

    def set(self, name: str, value: Attribute) -> None:
        """See `chassis.tracing.Span.set`."""
        self._inner.set_attribute(name, scrub(value) if isinstance(value, str) else value)

    def fail(self, kind: str) -> None:
        """See `chassis.tracing.Span.fail`."""
        self._inner.set_attribute("error.type", kind)
        self._inner.set_status(Status(StatusCode.ERROR))


class OtlpTracer:
    """The `Tracer` of a service's process."""

    def __init__(self, service: str) -> None:
        """Raises whatever the SDK makes of variables it cannot use."""
        # At every failed export the SDK would say so, with the address: one line about an outage is enough.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        self._provider = TracerProvider(resource=_resource(service), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("frontdesk", version_of(service))

    @contextmanager
    def span(self, name: str, kind: Kind, parent: str | None, *, root: bool) -> Iterator[OtlpSpan]:
        """See `chassis.tracing.span`."""
        context = Context() if root else _below(parent)
        with self._tracer.start_as_current_span(
            name, context, _KINDS[kind], record_exception=False, set_status_on_exception=False
        ) as inner:
            ours = OtlpSpan(inner)
            try:
                yield ours
            except BaseException as error:
                ours.fail(type(error).__name__)
                raise

    @contextmanager
    def batch(self, name: str, parts: Iterable[tuple[str, str | None]]) -> Iterator[OtlpSpan]:
        """See `chassis.tracing.batch`. The parts' spans are linked with the batch's, and it with their parents."""
        began, named = time.time_ns(), [*parts]
        links = [Link(_context(parent)) for _, parent in named if parent]
        with self._tracer.start_as_current_span(
            name, Context(), SpanKind.CONSUMER, links=links, record_exception=False, set_status_on_exception=False
        ) as inner:
            ours = OtlpSpan(inner)
            ours.set("messaging.batch.message_count", len(named))
            try:
                yield ours
            except BaseException as error:
                ours.fail(type(error).__name__)
                raise
            finally:
                link = [Link(inner.get_span_context())]
                for part, parent in named:
                    below = _below(parent) or Context()
                    self._tracer.start_span(part, below, SpanKind.CONSUMER, links=link, start_time=began).end()

    def current(self) -> str | None:
        """See `chassis.tracing.Tracer.current`."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 1:02x}"

    def shutdown(self, seconds: float) -> None:
        """See `chassis.tracing.Tracer.shutdown`: in a thread, because the SDK waits for an answer for up to 30 s."""
        thread = threading.Thread(target=self._provider.shutdown, daemon=True, name="otlp-shutdown")
        thread.start()
        thread.join(seconds)


def _resource(service: str) -> Resource:
    """Who sends: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, and otherwise the service's own name."""
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    name = {} if named else {"service.name": f"frontdesk-{service}"}
    return Resource.create({**name, "service.version": version_of(service)})


def _below(parent: str | None) -> Context | None:
    """A context whose current span is `parent`; None, which stands for the current context, without one."""
    return trace.set_span_in_context(NonRecordingSpan(_context(parent)), Context()) if parent else None


def _context(traceparent: str) -> SpanContext:
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
