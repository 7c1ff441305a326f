"""Whether webhooks try NATS first: decided here alone, with the clock passed in."""

PATIENCE_SECONDS = 1.0
"""Without any proof, how long a failure counts."""


class Breaker:
    """Closed, webhooks try NATS first. A failure opens it: one webhook waits in vain, and those after it need not.

    It closes when somebody shows that NATS takes events again: the drainer, whose spool holds what just failed.
    """

    def __init__(self) -> None:
        self._failed_at: float | None = None

    @property
    def closed(self) -> bool:
        """Whether NATS is worth trying."""
        return self._failed_at is None

    def failed(self, now: float) -> bool:
        """NATS did not take an event. True when this is news."""
        news = self._failed_at is None
        self._failed_at = now
        return news

    def proved(self) -> bool:
        """NATS took an event, here or in a process that shares our spool. True when this is news."""
        news = self._failed_at is not None
        self._failed_at = None
        return news

    def nothing_to_prove_with(self, now: float) -> bool:
        """The spool is empty: after a while the next webhook is the proof. True when it closes."""
        if self._failed_at is None or now - self._failed_at < PATIENCE_SECONDS:
            return False
        return self.proved()
