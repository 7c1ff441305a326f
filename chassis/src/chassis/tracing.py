"""One trace from a webhook to its last effect: W3C Trace Context in every event, and spans when somebody collects them.

Events carry a `traceparent` always, so logs of all services can be joined by trace id. Spans are recorded and exported
by OTLP/HTTP only when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set; otherwise the
OpenTelemetry SDK is not even imported, and a span costs one `if`. Attributes hold ids and words of our own: never
numbers, texts, names, URLs, nor what an exception says.
"""

import os
import random
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol

from chassis import logs

log = logs.get(__name__)

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attribute = str | int | float | bool

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Span(Protocol):
    """Something that is going on."""

    def set(self, name: str, value: Attribute) -> None:
        """Add an attribute."""
        ...

    def fail(self, kind: str) -> None:
        """Mark it as failed; `kind` is one of our words or the name of an exception's class."""
        ...


class Tracer(Protocol):
    """Where spans go; `chassis.otlp` has the one there is."""

    def span(self, name: str, kind: Kind, parent: str | None, *, root: bool) -> AbstractContextManager[Span]:
        """See `span`."""
        ...

    def batch(self, name: str, parts: Iterable[tuple[str, str | None]]) -> AbstractContextManager[Span]:
        """See `batch`."""
        ...

    def current(self) -> str | None:
        """The traceparent of the span that is current; None outside of any."""
        ...

    def shutdown(self, seconds: float) -> None:
        """Export what is left, but not for longer than this."""
        ...


class _NoSpan:
    def set(self, name: str, value: Attribute) -> None:
        pass

    def fail(self, kind: str) -> None:
        pass


_CHANCE = random.Random()  # noqa: S311 - ids are no secrets, and asking the kernel for each gives up our turn
os.register_at_fork(after_in_child=_CHANCE.seed)
_NOTHING = nullcontext(_NoSpan())
_tracer: Tracer | None = None


def configure(service: str) -> None:
    """Record spans from now on, if the environment says where to send them. Never stops a service: at most it logs."""
    global _tracer
    if _tracer is None and _wanted():
        try:
            from chassis.otlp import OtlpTracer

            _tracer = OtlpTracer(service)
        except Exception as error:  # whatever the SDK makes of a variable it does not like
            log.error("traces are not exported: an OTEL_ variable cannot be used", kind=type(error).__name__)
        else:
            log.info("exporting traces")


def _wanted() -> bool:
    return (
        any(os.environ.get(name, "").strip() for name in _ENDPOINTS)
        and os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true"
        and os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() != "none"
    )


def is_on() -> bool:
    """Whether spans are recorded: for those to whom a span's arguments cost something."""
    return _tracer is not None


def shutdown(seconds: float = 1.5) -> None:
    """Export what is left; a collector that is away is not waited for longer than `seconds`."""
    global _tracer
    tracer, _tracer = _tracer, None
    if tracer is not None:
        tracer.shutdown(seconds)


def span(
    name: str, kind: Kind = "internal", *, parent: str | None = None, root: bool = False
) -> AbstractContextManager[Span]:
    """Record what happens inside as a span: below `parent`, or else the current span, or with `root` in a new trace.

    An exception that leaves the block marks the span as failed, by its class alone.
    """
    return _NOTHING if _tracer is None else _tracer.span(name, kind, parent, root=root)


def batch(name: str, parts: Iterable[tuple[str, str | None]]) -> AbstractContextManager[Span]:
    """Record the common handling of events of many traces: a span of its own, and one for each event in its trace.

    `parts` gives the name and the traceparent of each event; it is not read when nobody collects spans.
    """
    return _NOTHING if _tracer is None else _tracer.batch(name, parts)


def new_traceparent() -> str:
    """What an event carries that nothing led to: the current span, or else a new trace, sampled."""
    current = None if _tracer is None else _tracer.current()
    if current:
        return current
    ids = _CHANCE.randbytes(24).hex()
    return f"00-{ids[:32]}-{ids[32:]}-01"


def child_of(traceparent: str | None) -> str:
    """What an event carries that another one led to: the current span if it is in that trace, or else a new one."""
    if traceparent is None:
        return new_traceparent()
    current = None if _tracer is None else _tracer.current()
    if current is not None and trace_id(current) == trace_id(traceparent):
        return current
    version, trace, _, flags = traceparent.split("-")
    return f"{version}-{trace}-{_CHANCE.getrandbits(64):016x}-{flags}"


def trace_id(traceparent: str | None) -> str | None:
    """The part that all spans of a trace share."""
    return traceparent.split("-")[1] if traceparent else None
