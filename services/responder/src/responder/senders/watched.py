"""Telling people when a provider refuses us: texts then wait, and only a person can put that right."""

from datetime import datetime

from chassis import logs, tracing
from responder.metrics import PROVIDER_REFUSALS
from responder.senders.port import Accepted, CannotTell, Listed, Meaning, NotSent, Outcome, Sender

log = logs.get(__name__)


class Watched:
    """A `Sender` that remembers whether its provider refuses our credentials or settings, for readiness."""

    def __init__(self, provider: str, sender: Sender) -> None:
        self._provider = provider
        self._sender = sender
        self._refusal: str | None = None

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        """See `Sender.send`."""
        with tracing.span(f"send by {self._provider}", "client") as span:
            outcome = await self._sender.send(sender=sender, recipient=recipient, text=text)
            span.set("frontdesk.outcome", type(outcome).__name__)
            if not isinstance(outcome, Accepted):
                span.fail(outcome.code if isinstance(outcome, NotSent) else outcome.detail)
        match outcome:
            case NotSent(code, meaning=Meaning.MISCONFIGURED):
                self._refusal = code
                PROVIDER_REFUSALS.labels(self._provider, code).inc()
                log.error("the provider refuses our credentials; texts wait", provider=self._provider, code=code)
            case Accepted():
                self._refusal = None
        return outcome

    async def sent(self, *, sender: str, recipient: str, since: datetime) -> tuple[Listed, ...] | CannotTell:
        """See `Sender.sent`."""
        return await self._sender.sent(sender=sender, recipient=recipient, since=since)

    async def problem(self) -> str | None:
        """That the provider refuses us, from its first such answer until it accepts a text again; else None."""
        return f"refuses our credentials ({self._refusal})" if self._refusal else None
