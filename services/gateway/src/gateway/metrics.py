"""Metrics of the gateway. Labels come from our own tables, never from requests."""

from typing import Literal

from prometheus_client import Counter, Gauge

from chassis.tally import Amounts, BulkHistogram, Level, Tally

WEBHOOKS = Counter("frontdesk_webhooks_total", "Webhooks by what became of them", ["provider", "route", "outcome"])
WEBHOOK_SECONDS = BulkHistogram(
    "frontdesk_webhook_seconds",
    "Time from the end of a webhook's headers until its answer was made: body, check, storing",
    ["provider", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.8, 2.5),
)
IN_FLIGHT = Gauge("frontdesk_webhooks_in_flight", "Webhooks that are being answered now", multiprocess_mode="livesum")
REFUSED = Counter(
    "frontdesk_webhooks_refused_total", "Webhooks whose sender was not believed, and why", ["provider", "reason"]
)
VERIFIED = Counter(
    "frontdesk_webhooks_verified_total", "Webhooks whose sender was believed, and why", ["provider", "proof"]
)
THROTTLED_CLIENTS = Counter(
    "frontdesk_throttled_clients_total", "Addresses that failed too often and were shut out for a while"
)
THROTTLE_STORE_AWAY = Counter(
    "frontdesk_throttle_store_away_total", "Failures not counted: the shared store did not answer"
)

ANSWERED = Tally[tuple[str, ...]](lambda labels, count: WEBHOOKS.labels(*labels).inc(count))
BELIEVED = Tally[tuple[str, ...]](lambda labels, count: VERIFIED.labels(*labels).inc(count))
TAKEN = Amounts[tuple[str, ...]](lambda labels, seconds: WEBHOOK_SECONDS.labels(*labels).observe_all(seconds))
BEING_ANSWERED = Level(IN_FLIGHT.set)
"""The metrics above, for what every webhook counts."""

SPOOLED = Counter("frontdesk_spool_events_in_total", "Events kept on the disk because NATS did not take them in time")
DRAINED = Counter("frontdesk_spool_events_out_total", "Events published from the spool")
SET_ASIDE = Counter(
    "frontdesk_spool_events_rejected_total", "Events of the spool that NATS rejects: kept for a person to look at"
)
SPOOL_DAMAGED = Counter("frontdesk_spool_damaged_total", "Damaged spool files that were left alone and replaced")

_SHARED: Literal["livemostrecent"] = "livemostrecent"
"""Workers share one spool: who looked at it last is right."""
SPOOL_EVENTS = Gauge("frontdesk_spool_events", "Events waiting in the spool", multiprocess_mode=_SHARED)
SPOOL_SET_ASIDE = Gauge(
    "frontdesk_spool_set_aside_events", "Events in the spool that NATS rejected", multiprocess_mode=_SHARED
)
SPOOL_BYTES = Gauge("frontdesk_spool_bytes", "What the spool holds, in bytes on the disk", multiprocess_mode=_SHARED)
SPOOL_OLDEST = Gauge(
    "frontdesk_spool_oldest_seconds", "Age of the oldest event waiting in the spool", multiprocess_mode=_SHARED
)
