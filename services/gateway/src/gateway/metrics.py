"""Metrics of the gateway. Labels come from our own tables, never from requests."""

from prometheus_client import Counter, Histogram

WEBHOOKS = Counter("webhooks_total", "Webhooks by what became of them", ["provider", "route", "outcome"])
WEBHOOK_SECONDS = Histogram(
    "webhook_seconds", "Time from the first byte to the answer, PubAck included", ["provider", "route"]
)
