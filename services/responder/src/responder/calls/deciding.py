"""Whether a missed call is answered by a text, and when. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.sms import SuppressionReason
from responder.calls.call import Call
from responder.numbers import is_textable
from responder.practice.model import Practice

SETTLES_IN = timedelta(minutes=2)
"""What else is to be known of a call (a recording, a leg that was answered) is known so long after its end."""

FRESH = timedelta(minutes=30)
"""How late a text may still come. Quiet hours in which the call ended do not count."""


@dataclass(frozen=True)
class Caller:
    """What is known of the caller besides this call."""

    opted_out: bool
    cannot_take_texts: bool
    reached_since: bool
    """They got through, or wrote and were answered, after this call began."""
    texted_at: datetime | None
    """When they were texted about another missed call, last."""


def decide(
    call: Call, ended: datetime, caller: Caller, practice: Practice, own_numbers: frozenset[str], now: datetime
) -> SuppressionReason | datetime:
    """Why the caller gets no text, the most telling reason first; or from when on one is due, which may be past."""
    earliest = _earliest(ended, practice)
    if not practice.missed_calls.text_back:
        return SuppressionReason.SWITCHED_OFF
    if call.caller is None or not is_textable(call.caller):
        return SuppressionReason.NOT_A_PHONE
    if call.caller in own_numbers or call.caller == call.called:
        return SuppressionReason.OWN_NUMBER
    if caller.opted_out:
        return SuppressionReason.OPTED_OUT
    if now > earliest + FRESH:
        return SuppressionReason.TOO_OLD
    if caller.cannot_take_texts:
        return SuppressionReason.LANDLINE
    if caller.reached_since:
        return SuppressionReason.REACHED
    if caller.texted_at is not None and now - caller.texted_at < practice.missed_calls.once_per:
        return SuppressionReason.COOLDOWN
    if now >= earliest and practice.quiet_until(now) is not None:
        return SuppressionReason.QUIET_HOURS
    return earliest


def _earliest(ended: datetime, practice: Practice) -> datetime:
    """When everything is known of the call, and it is no quiet hour."""
    settled = ended + SETTLES_IN
    return practice.quiet_until(settled) or settled
