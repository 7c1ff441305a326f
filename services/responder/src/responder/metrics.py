"""What became of patients' texts."""

from prometheus_client import Counter

REPLIES = Counter(
    "frontdesk_replies_total",
    "Texts that reached their outcome: sent, or the reason why not",
    ["provider", "category", "outcome"],
)
