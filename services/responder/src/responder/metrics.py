"""What became of patients' texts."""

from prometheus_client import Counter

REPLIES = Counter(
    "frontdesk_replies_total",
    "Patients' texts that reached their outcome: sent, or the reason why not",
    ["provider", "category", "outcome"],
)

NOTICES = Counter(
    "frontdesk_notices_total",
    "Texts of our own accord that reached their outcome: sent, or the reason why not",
    ["provider", "purpose", "outcome"],
)

PROVIDER_REFUSALS = Counter(
    "frontdesk_provider_refusals_total",
    "Sends that a provider refused because of our credentials or settings; the texts wait",
    ["provider", "code"],
)

INQUIRIES = Counter(
    "frontdesk_send_inquiries_total",
    "Questions to a provider about a text that may or may not have been sent, by what the answer proved",
    ["provider", "answer"],
)
