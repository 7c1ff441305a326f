"""Twilio's parameters and how their values are written."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from contracts.values import Direction
from gateway.providers.base import VerifiedRequest
from gateway.providers.parameters import Parameters, utc
from gateway.providers.twilio import forms

PROVIDER = "twilio"

NAMES = {
    "message_sid": "MessageSid",
    "call_sid": "CallSid",
    "recording_sid": "RecordingSid",
    "from_number": "From",
    "to_number": "To",
    "message": "Body",
}
"""Twilio's name for a field of ours that may turn out not to fit. A status is called differently by each webhook."""


def parameters(request: VerifiedRequest) -> Parameters:
    """The request's form; the last one wins where a name is repeated."""
    return Parameters(forms.form(request.raw).values, storable=_is_storable(request.raw.body))


def _is_storable(body: bytes) -> bool:
    """Whether a form's values surely are: nothing but NUL could be in the way, since they are read as UTF-8."""
    return b"\x00" not in body and b"%00" not in body


def rfc2822(text: str) -> datetime | None:
    """A time such as `Mon, 07 Sep 2026 14:22:09 +0000`."""
    try:
        time = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return utc(time if time.tzinfo else time.replace(tzinfo=UTC))


def direction(text: str) -> Direction | None:
    """`inbound`, or one of `outbound-api`, `outbound-dial`…"""
    if text == "inbound":
        return Direction.INBOUND
    return Direction.OUTBOUND if text.startswith("outbound-") else None


def error_code(parameters: Parameters) -> str | None:
    """The code of an error; recordings that succeeded say `0`."""
    code = parameters.optional("ErrorCode")
    return None if code == "0" else code
