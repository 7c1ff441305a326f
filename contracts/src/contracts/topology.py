"""Streams, durable consumers and key-value buckets: what provisioning creates and every service relies on."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged, CallTurnTaken
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.sms import SmsReceived, SmsStatusChanged
from contracts.staff import AlertAcknowledged, AlertRaised

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True)
class Stream:
    """A file-backed JetStream stream that refuses new messages when full instead of dropping old ones."""

    name: str
    subjects: tuple[str, ...]
    max_age: float
    """Seconds."""
    max_bytes: int
    duplicate_window: float
    """Seconds in which a repeated Nats-Msg-Id is dropped."""
    max_msg_size: int = 900_000
    """Bytes."""


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer of `EVENTS`: one per service and purpose."""

    name: str
    service: str
    subjects: tuple[str, ...]
    max_ack_pending: int
    """Also counts what was given back with a delay: one provider's trouble must not hold up the others."""
    ack_wait: float = 30.0
    """Seconds until an unacknowledged message is delivered again; long work keeps it alive with heartbeats."""

    def takes(self, subject: str) -> bool:
        """Whether one of its filters, which may hold NATS wildcards (`*` a word, `>` the rest), takes in `subject`."""
        return any(_matches(pattern.split("."), subject.split(".")) for pattern in self.subjects)


def _matches(pattern: list[str], subject: list[str]) -> bool:
    if pattern and pattern[-1] == ">":
        return len(subject) >= len(pattern) and _matches(pattern[:-1], subject[: len(pattern) - 1])
    return len(pattern) == len(subject) and all(
        want in ("*", word) for want, word in zip(pattern, subject, strict=True)
    )


@dataclass(frozen=True)
class Bucket:
    """A JetStream key-value bucket, used by one service."""

    name: str
    service: str
    ttl: float | None
    """Seconds an entry is kept; None keeps it for ever."""
    max_bytes: int = 256_000_000


EVENTS = Stream("EVENTS", ("events.>",), max_age=30 * DAY, max_bytes=4_000_000_000, duplicate_window=600)
DEAD_LETTERS = Stream("DEAD_LETTERS", ("dead.>",), max_age=90 * DAY, max_bytes=500_000_000, duplicate_window=600)
STREAMS = (EVENTS, DEAD_LETTERS)

RECORDER = Consumer("recorder", "recorder", ("events.>",), max_ack_pending=2000)
RESPONDER_TEXTS = Consumer("responder-texts", "responder", (SmsReceived.bus_subject,), max_ack_pending=5000)
RESPONDER_DELIVERIES = Consumer(
    "responder-deliveries", "responder", (SmsStatusChanged.bus_subject,), max_ack_pending=5000
)
RESPONDER_ALERTS = Consumer(
    "responder-alerts", "responder", (AlertRaised.bus_subject, AlertAcknowledged.bus_subject), max_ack_pending=5000
)
RESPONDER_CALLS = Consumer(
    "responder-calls",
    "responder",
    (
        CallReceived.bus_subject,
        CallStatusChanged.bus_subject,
        CallDetailRecorded.bus_subject,
        CallTurnTaken.bus_subject,
        RecordingReady.bus_subject,
    ),
    max_ack_pending=5000,
)
RESPONDER_TRANSCRIPTS = Consumer(
    "responder-transcripts", "responder", (TranscriptionCompleted.bus_subject,), max_ack_pending=5000
)
TRANSCRIBER_RECORDINGS = Consumer(
    "transcriber-recordings", "transcriber", (RecordingReady.bus_subject,), max_ack_pending=5000
)
CONSUMERS = (
    RECORDER,
    RESPONDER_TEXTS,
    RESPONDER_DELIVERIES,
    RESPONDER_ALERTS,
    RESPONDER_CALLS,
    RESPONDER_TRANSCRIPTS,
    TRANSCRIBER_RECORDINGS,
)


def consumers_of(subject: str, consumers: Iterable[Consumer] = CONSUMERS) -> tuple[Consumer, ...]:
    """The durable consumers that take in `subject`."""
    return tuple(consumer for consumer in consumers if consumer.takes(subject))


REPLIES = Bucket("REPLIES", "responder", ttl=400 * DAY)
"""Who sends which text: claimed before a send, its result after. Kept longer than any provider repeats a webhook."""
CONSENT = Bucket("CONSENT", "responder", ttl=None)
"""Which numbers asked for no more texts, and which cannot take any."""
BUDGETS = Bucket("BUDGETS", "responder", ttl=2 * DAY)
"""What numbers were answered in the last day."""
CALLS = Bucket("CALLS", "responder", ttl=3 * DAY)
"""What is known of calls, until everything about them is through."""
NOTICES = Bucket("NOTICES", "responder", ttl=40 * DAY)
"""Who was told of which alert, and which callers were texted back. Kept longer than two texts to a caller are apart."""
BUCKETS = (REPLIES, CONSENT, BUDGETS, CALLS, NOTICES)


def dead_letter_subject(service: str) -> str:
    """Where `service` puts what it cannot handle."""
    return f"dead.{service}"
