"""Metrics of the recorder, beside those of every service."""

from prometheus_client import Counter

REMOVED = Counter("frontdesk_recorder_removed_total", "Rows removed for their age", ["retention", "of"])
