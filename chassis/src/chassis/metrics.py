"""Metrics every service has; docs/metrics.md lists all of them. Labels never carry ids, numbers or texts."""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import Counter, Gauge, Histogram

from chassis.tally import Tally
from contracts.dead_letters import DeadLetterReason

BUILD = Gauge("frontdesk_build_info", "Always 1; the version that runs", ["service", "version"])
PUBLISHED = Counter("frontdesk_events_published_total", "Events stored by the bus", ["subject"])
PUBLISHES = Tally[str](lambda subject, count: PUBLISHED.labels(subject).inc(count))
PUBLISH_FAILED = Counter("frontdesk_publish_failed_total", "Publishes without a PubAck", ["reason"])
HANDLED = Counter("frontdesk_messages_handled_total", "Messages taken from the bus", ["consumer", "outcome"])
HANDLING = Histogram("frontdesk_message_seconds", "Time from delivery to outcome", ["consumer"])
BUS_ERRORS = Counter("frontdesk_bus_errors_total", "Asynchronous errors reported by the NATS client", ["kind"])
BUS_ERRORS.labels("permissions")  # from 0 on, as below
READY = Gauge("frontdesk_ready", "1 when every dependency answers", ["service"])
CONNECTIONS_CLOSED = Counter(
    "frontdesk_connections_closed_total", "Connections closed for how they behaved, or for want of room", ["reason"]
)
LOG_LINES_DROPPED = Counter(
    "frontdesk_log_lines_dropped_total", "Log lines that could not be written in time, or at all", ["log"]
)
LOG_WRITE_FAILED = Counter(
    "frontdesk_log_write_failed_total", "Failed attempts to write to a log file; the lines are tried again", ["log"]
)


def from_zero(consumer: str) -> None:
    """Count what of `consumer` is set aside from 0 on.

    Prometheus sees no increase in a counter that begins with 1, and an alert must see the very first.
    """
    for reason in DeadLetterReason:
        HANDLED.labels(consumer, reason)


def version_of(service: str) -> str:
    """The installed version of a service's package; `unknown` when it is not installed as one."""
    try:
        return version(f"frontdesk-{service}")
    except PackageNotFoundError:
        return "unknown"
