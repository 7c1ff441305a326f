"""Words about consent that providers hear themselves, and how we came to hear one. Pure."""

from contracts.consent import ConsentSource
from contracts.sms import SmsReceived

TWILIO_ANSWERS = frozenset(
    (
        *("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"),
        *("START", "YES", "UNSTOP"),
        *("HELP", "INFO"),
    )
)
"""A text that is nothing but one of these is answered by Twilio (Twilio docs: "Advanced Opt-Out"; it holds without it
too). VoIP.ms answers none."""


def provider_answers(text: SmsReceived) -> bool:
    """Whether the provider itself answers this text, so that an answer of ours would be the second one.

    Twilio's toll-free numbers leave YES alone; an answer to that word is then missing, which is the smaller fault.
    """
    if text.data.provider != "twilio":
        return False
    return text.data.opt_out_type is not None or text.data.message.strip().upper() in TWILIO_ANSWERS


def source_of(understood_by: str) -> ConsentSource:
    """How a text said it, by the rule that understood it."""
    rule, _, _ = understood_by.partition(":")
    return {"provider": ConsentSource.PROVIDER, "command": ConsentSource.WORD}.get(rule, ConsentSource.SENTENCE)
