"""Asking a provider what became of a text in doubt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis import logs
from responder.metrics import INQUIRIES
from responder.senders.port import CannotTell, Listed, Sender
from responder.sending.claims import Claims, InDoubt, Sending
from responder.sending.doubt import Verdict, ask_again_in, candidates, same_words, verdict

log = logs.get(__name__)


@dataclass(frozen=True)
class Inquiry:
    """`lists_within`: how long after a claim a text may still be missing from the provider's list."""

    senders: Mapping[str, Sender]
    claims: Claims
    lists_within: timedelta

    async def about(self, key: str, tried: Sending | InDoubt, *, now: datetime) -> Listed | Verdict | timedelta:
        """The text as the provider has it, from now on this errand's; or what its absence proves; or when to ask again.

        Raises `Unavailable` when the bucket cannot be used.
        """
        age = now - tried.since
        listed = await self._listed(tried)
        ours = False if isinstance(listed, CannotTell) else await self._ours(key, tried, listed)
        if isinstance(ours, Listed):
            self._report(key, tried, "found")
            return ours
        absent = verdict(provable=ours, age=age, lists_within=self.lists_within)
        self._report(key, tried, absent.value)
        return ask_again_in(age, self.lists_within) if absent is Verdict.ASK_LATER else absent

    async def _listed(self, tried: Sending | InDoubt) -> tuple[Listed, ...] | CannotTell:
        sender = self.senders.get(tried.way.provider)
        if sender is None:
            return CannotTell("no_credentials")
        recipient = tried.outgoing.recipient
        return await sender.sent(sender=tried.way.sender, recipient=recipient, since=tried.since)

    async def _ours(self, key: str, tried: Sending | InDoubt, listed: tuple[Listed, ...]) -> Listed | bool:
        """Our text; or whether its absence can be trusted, because every text that may be it belongs to another."""
        provider, trusted = tried.way.provider, True
        for one in candidates(listed, tried.since):
            if same_words(one, tried.outgoing.text):
                if await self.claims.own(key, provider=provider, message_sid=one.message_sid):
                    return one
            elif await self.claims.owner(provider=provider, message_sid=one.message_sid) is None:
                trusted = False
        return trusted

    def _report(self, key: str, tried: Sending | InDoubt, answer: str) -> None:
        INQUIRIES.labels(tried.way.provider, answer).inc()
        log.info("asked about a text in doubt", key=key, provider=tried.way.provider, answer=answer)
