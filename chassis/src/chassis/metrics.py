"""Metrics every service has. Labels never carry ids, numbers or texts."""

from prometheus_client import Counter, Gauge, Histogram

PUBLISHED = Counter("frontdesk_events_published_total", "Events stored by the bus", ["subject"])
PUBLISH_FAILED = Counter("frontdesk_publish_failed_total", "Publishes without a PubAck", ["reason"])
HANDLED = Counter("frontdesk_messages_handled_total", "Messages taken from the bus", ["consumer", "outcome"])
HANDLING = Histogram("frontdesk_message_seconds", "Time from delivery to outcome", ["consumer"])
BUS_ERRORS = Counter("frontdesk_bus_errors_total", "Asynchronous errors reported by the NATS client", ["kind"])
READY = Gauge("frontdesk_ready", "1 when every dependency answers", ["service"])
