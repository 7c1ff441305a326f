"""What the providers' error codes mean for a reply. A code that is not listed is a refusal for good: the text did not
leave, and sending it again would be refused again."""

import re
from enum import Enum

from responder.senders.port import NotSent, Outcome, Unknown


class Meaning(Enum):
    """What to make of a refusal."""

    TRY_AGAIN = "try again"
    OPTED_OUT = "opted out"
    MISCONFIGURED = "misconfigured"
    MAYBE_SENT = "maybe sent"
    REFUSED = "refused"


TWILIO: dict[str, Meaning] = {
    "20003": Meaning.MISCONFIGURED,  # wrong credentials, or ones that may not do this
    "20429": Meaning.TRY_AGAIN,  # too many requests; this one was not processed
    "21611": Meaning.TRY_AGAIN,  # the queue of our number is full
    "21609": Meaning.MAYBE_SENT,  # StatusCallback is no usable URL; the text may leave all the same
    "21610": Meaning.OPTED_OUT,  # the recipient replied STOP
    "63038": Meaning.REFUSED,  # daily cap of the account; comes as HTTP 429, but will not pass before tomorrow
}
"""By the `code` of the answer (Twilio docs: "Error and warning dictionary")."""

VOIPMS: dict[str, Meaning] = {
    "invalid_credentials": Meaning.MISCONFIGURED,
    "missing_credentials": Meaning.MISCONFIGURED,
    "api_not_enabled": Meaning.MISCONFIGURED,  # in the portal
    "ip_not_enabled": Meaning.MISCONFIGURED,  # the address that we call from is not on the portal's list
    "api_limit_exceeded": Meaning.TRY_AGAIN,  # requests per minute
    "method_maintenance": Meaning.TRY_AGAIN,
    "limit_reached": Meaning.REFUSED,  # texts per day
    "sms_failed": Meaning.REFUSED,  # "the SMS message was not sent"
}
"""By the `status` of the answer (VoIP.ms API docs: "Status codes")."""


_CODE = re.compile(r"[0-9]{1,6}|[a-z][a-z0-9_]{0,63}")


def outcome(code: str, meaning: Meaning) -> Outcome:
    """The outcome of a send that was answered with `code`; what is none is not repeated: it may quote the text."""
    code = code if _CODE.fullmatch(code) else "no_code"
    match meaning:
        case Meaning.TRY_AGAIN:
            return NotSent(code, try_again=True)
        case Meaning.OPTED_OUT:
            return NotSent(code, opted_out=True)
        case Meaning.MISCONFIGURED:
            return NotSent(code, misconfigured=True)
        case Meaning.MAYBE_SENT:
            return Unknown(code)
        case Meaning.REFUSED:
            return NotSent(code)
