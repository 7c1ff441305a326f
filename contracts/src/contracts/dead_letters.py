"""A dead letter: the original bytes, with headers that say where they came from and why they were set aside."""

from enum import StrEnum

REASON_HEADER = "Frontdesk-Reason"
DETAIL_HEADER = "Frontdesk-Detail"
SUBJECT_HEADER = "Frontdesk-Subject"
CONSUMER_HEADER = "Frontdesk-Consumer"
ATTEMPTS_HEADER = "Frontdesk-Attempts"


class DeadLetterReason(StrEnum):
    """Why a message was set aside."""

    INVALID = "invalid"
    """It is no valid event: no attempt can succeed."""
    REFUSED = "refused"
    """It is valid, but what it asks for can never be done."""
    EXHAUSTED = "exhausted"
    """It kept failing until the last attempt."""
