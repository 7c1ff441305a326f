"""What follows when a provider surely did not send a text: the same way again, another way, or none. Pure."""

from contracts.sms import SuppressionReason
from responder.senders import port
from responder.senders.port import Meaning
from responder.sending.claims import InDoubt, NotSent, Sending
from responder.sending.messages import Withheld

SEND_ATTEMPTS = 6
"""Times a provider may turn a text away for the moment, or lose it, before another way is tried or it is given up.
Counted in the claim, where an outage of the bus or a restart does not count, so a text cannot end as a dead letter
without an outcome."""

_ANOTHER_WAY = frozenset({Meaning.BUSY, Meaning.UNREACHABLE, Meaning.MISCONFIGURED, Meaning.BARRED})
"""Refusals that are about us or the provider: somebody else may take the text."""

_WAIT = frozenset({Meaning.UNREACHABLE, Meaning.MISCONFIGURED})
"""These pass when the provider or we are repaired. They count no attempt: the text waits until it is too old."""


def after_refusal(tried: Sending, refusal: port.NotSent) -> NotSent | Withheld:
    """The claim's next state: to try again from there, or the end."""
    if refusal.meaning is Meaning.BUSY and tried.attempt < SEND_ATTEMPTS:
        return NotSent(route=tried.route, attempts=tried.attempt, code=refusal.code)
    if refusal.meaning in _ANOTHER_WAY and tried.route + 1 < len(tried.outgoing.routes):
        return NotSent(route=tried.route + 1, attempts=0, code=refusal.code)
    if refusal.meaning in _WAIT:
        return NotSent(route=0, attempts=0, code=refusal.code)
    opted_out = refusal.meaning is Meaning.OPTED_OUT
    reason = SuppressionReason.OPTED_OUT if opted_out else SuppressionReason.REJECTED
    return Withheld(reason, tried.outgoing.about, refusal.code, tried.way)


def after_doubt(tried: Sending | InDoubt) -> NotSent | Withheld:
    """The claim's next state once it is known that a text in doubt was not sent."""
    code = tried.detail if isinstance(tried, InDoubt) else "interrupted"
    if tried.attempt < SEND_ATTEMPTS:
        return NotSent(route=tried.route, attempts=tried.attempt, code=code)
    if tried.route + 1 < len(tried.outgoing.routes):
        return NotSent(route=tried.route + 1, attempts=0, code=code)
    return Withheld(SuppressionReason.REJECTED, tried.outgoing.about, code, tried.way)


def waits(claim: NotSent, tried: Sending) -> bool:
    """Whether the next attempt has to wait: it would take the way that has just failed, or all did."""
    return claim.route <= tried.route


def pause_before(claim: NotSent) -> float | None:
    """Seconds until a busy provider is tried again, longer each time; None where only a repair helps."""
    return float(2**claim.attempts) if claim.attempts else None
