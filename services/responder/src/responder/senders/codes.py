"""What the providers' error codes mean for a text of ours: one table per provider, data and nothing else.

A code that is not listed is a refusal for good: the text did not leave, and sending it again would be refused again.
Codes at which the text may have left all the same stand apart: those are asked about, see `sending.doubt`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from responder.senders.port import Meaning, NotSent, Unknown

TWILIO: Mapping[str, Meaning] = MappingProxyType(
    {
        "20003": Meaning.MISCONFIGURED,  # wrong credentials, or ones that may not do this
        "20404": Meaning.MISCONFIGURED,  # no such account
        "20429": Meaning.BUSY,  # too many requests; "the request was not processed"
        "21211": Meaning.REFUSED,  # To is no phone number
        "21212": Meaning.BARRED,  # From is no phone number
        "21214": Meaning.REFUSED,  # To cannot be reached
        "21217": Meaning.REFUSED,  # To looks incorrect
        "21219": Meaning.REFUSED,  # trial account, To is not verified
        "21408": Meaning.REFUSED,  # texts to To's country are switched off
        "21602": Meaning.REFUSED,  # no body
        "21603": Meaning.BARRED,  # no From
        "21604": Meaning.REFUSED,  # no To
        "21606": Meaning.BARRED,  # From is not ours, or cannot text this destination
        "21608": Meaning.REFUSED,  # trial account, To is not verified
        "21610": Meaning.OPTED_OUT,  # the recipient replied STOP
        "21611": Meaning.BUSY,  # the queue of our number is full
        "21612": Meaning.REFUSED,  # no route from From to To
        "21614": Meaning.NO_TEXTS,  # To is no mobile number
        "21617": Meaning.REFUSED,  # more than 1600 characters
        "21703": Meaning.BARRED,  # the Messaging Service has no sender
        "30006": Meaning.NO_TEXTS,  # landline, or a carrier that cannot be reached
        "63038": Meaning.BARRED,  # daily cap of the account; comes as HTTP 429, but will not pass before tomorrow
    }
)
"""By the `code` of a refusal (Twilio docs: "Error and warning dictionary")."""

TWILIO_MAYBE_SENT = frozenset({"21609"})
"""StatusCallback is no usable URL: the text may leave all the same (Twilio docs: "21609")."""

TWILIO_BY_STATUS: Mapping[int, Meaning] = MappingProxyType({401: Meaning.MISCONFIGURED, 429: Meaning.BUSY})
"""For refusals whose code is missing or not listed."""

TWILIO_REPORTS: Mapping[str, Meaning] = MappingProxyType(
    {
        "21610": Meaning.OPTED_OUT,  # with Advanced Opt-Out a text to somebody who said STOP is accepted, then fails
        "21614": Meaning.NO_TEXTS,
        "30003": Meaning.UNREACHABLE,  # switched off, or out of reach
        "30005": Meaning.NO_TEXTS,  # unknown destination: the number is not, or no longer, in service
        "30006": Meaning.NO_TEXTS,  # landline
    }
)
"""What a delivery report's error code says about the recipient; others are about us, the carrier or the text (Twilio
docs: "Error and warning dictionary", "Advanced Opt-Out")."""

VOIPMS: Mapping[str, Meaning] = MappingProxyType(
    {
        "invalid_credentials": Meaning.MISCONFIGURED,
        "missing_credentials": Meaning.MISCONFIGURED,
        "api_not_enabled": Meaning.MISCONFIGURED,  # in the portal
        "ip_not_enabled": Meaning.MISCONFIGURED,  # the address that we call from is not on the portal's list
        "invalid_method": Meaning.MISCONFIGURED,
        "missing_method": Meaning.MISCONFIGURED,
        "invalid_did": Meaning.BARRED,  # not our number, or it cannot text
        "missing_did": Meaning.BARRED,
        "no_did": Meaning.BARRED,
        "non_sufficient_funds": Meaning.BARRED,
        "sms_apply_regulations": Meaning.BARRED,  # the account must be registered for texts first
        "limit_reached": Meaning.BARRED,  # texts per day
        "api_limit_exceeded": Meaning.BUSY,  # requests per minute
        "sms_wait_message": Meaning.BUSY,
        "method_maintenance": Meaning.UNREACHABLE,
        "sms_failed": Meaning.REFUSED,  # "the SMS message was not sent"
        "sms_toolong": Meaning.REFUSED,
        "message_empty": Meaning.REFUSED,
        "missing_sms": Meaning.REFUSED,
        "invalid_dst": Meaning.REFUSED,
        "invalid_contact": Meaning.REFUSED,
    }
)
"""By the `status` of the answer (VoIP.ms API docs: "Status codes")."""


_CODE = re.compile(r"[0-9]{1,6}|[a-z][a-z0-9_]{0,63}")


def _code(given: str) -> str:
    """What is no code is not repeated: it may quote the text."""
    return given if _CODE.fullmatch(given) else "no_code"


def twilio(code: str, http_status: int, retry_after: float | None) -> NotSent | Unknown:
    """What a refusal by Twilio means."""
    code = _code(code)
    if code in TWILIO_MAYBE_SENT:
        return Unknown(code)
    meaning = TWILIO.get(code) or TWILIO_BY_STATUS.get(http_status, Meaning.REFUSED)
    return NotSent(code, meaning, retry_after)


def voipms(status: str) -> NotSent:
    """What a refusal by VoIP.ms means."""
    return NotSent(_code(status), VOIPMS.get(status, Meaning.REFUSED))
