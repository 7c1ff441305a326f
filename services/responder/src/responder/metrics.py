"""What became of patients' texts."""

from prometheus_client import Counter

REPLIES = Counter(
    "frontdesk_replies_total",
    "Texts that reached their outcome: sent, or the reason why not",
    ["provider", "category", "outcome"],
)

PROVIDER_REFUSALS = Counter(
    "frontdesk_provider_refusals_total",
    "Sends that a provider refused because of our credentials or settings; the texts wait",
    ["provider", "code"],
)
