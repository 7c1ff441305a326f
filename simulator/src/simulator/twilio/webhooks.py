"""Parameters of Twilio's webhooks, as captured from real ones: with everything nobody needs, and with the blanks."""

import mimetypes
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from simulator.memory import Text
from simulator.twilio.account import API_VERSION

Parameters = dict[str, str]


def rfc2822(at: datetime) -> str:
    """`Mon, 07 Sep 2026 14:22:09 +0000`."""
    return format_datetime(at)


def _place(party: str, zip_code: str = "10001") -> Parameters:
    return {f"{party}City": "NEW YORK", f"{party}State": "NY", f"{party}Zip": zip_code, f"{party}Country": "US"}


def inbound_text(account_sid: str, text: Text, opt_out_type: str | None = None) -> Parameters:
    """A patient's SMS or MMS. `OptOutType` only comes with Advanced Opt-Out, which needs a Messaging Service."""
    parameters = {
        **_place("To", ""),
        **_place("From"),
        "SmsMessageSid": text.id,
        "SmsSid": text.id,
        "MessageSid": text.id,
        "SmsStatus": "received",
        "Body": text.message,
        "From": text.from_number,
        "To": text.to_number,
        "NumMedia": str(len(text.media_urls)),
        "NumSegments": str(max(1, len(text.media_urls), segments(text.message))),
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        **_media(text.media_urls),
    }
    if text.messaging_service_sid:
        parameters["MessagingServiceSid"] = text.messaging_service_sid
    if opt_out_type:
        parameters["OptOutType"] = opt_out_type
    return parameters


def _media(urls: Sequence[str]) -> Parameters:
    found: Parameters = {}
    for number, url in enumerate(urls):
        found[f"MediaUrl{number}"] = url
        found[f"MediaContentType{number}"] = mimetypes.guess_type(url.partition("?")[0])[0] or "image/jpeg"
    return found


def message_status(account_sid: str, text: Text, status: str, error_code: int | None, at: datetime) -> Parameters:
    """How far a text that we sent has come."""
    parameters = {
        "SmsSid": text.id,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": text.to_number,
        "MessageSid": text.id,
        "AccountSid": account_sid,
        "From": text.from_number,
        "ApiVersion": API_VERSION,
    }
    if text.messaging_service_sid:
        parameters["MessagingServiceSid"] = text.messaging_service_sid
    if error_code is not None and status in {"failed", "undelivered"}:
        parameters["ErrorCode"] = str(error_code)
    if status in {"delivered", "undelivered"}:
        parameters["RawDlrDoneDate"] = f"{at:%y%m%d%H%M}"
    return parameters


def voice(account_sid: str, call_sid: str, from_number: str, to_number: str, status: str) -> Parameters:
    """What every request of a call has. Only numbers that carriers vouch for come with `StirVerstat`."""
    parameters = {
        "CallSid": call_sid,
        "AccountSid": account_sid,
        "From": from_number,
        "To": to_number,
        "Caller": from_number,
        "Called": to_number,
        "CallStatus": status,
        "Direction": "inbound",
        "ApiVersion": API_VERSION,
        **_place("From"),
        **_place("Caller"),
        **_place("To", ""),
        **_place("Called", ""),
    }
    if from_number.startswith("+1"):
        parameters["StirVerstat"] = "TN-Validation-Passed-A"
    return parameters


def call_progress(sequence: int, at: datetime) -> Parameters:
    """What a progress event adds."""
    return {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "Timestamp": rfc2822(at),
    }


def recording_status(
    account_sid: str, call_sid: str, recording_sid: str, url: str, source: str, started_at: datetime
) -> Parameters:
    """A recording's status, without what depends on the status. `ErrorCode` is 0 on success; there is no From or To."""
    return {
        "RecordingSource": source,
        "RecordingSid": recording_sid,
        "RecordingUrl": url,
        "ErrorCode": "0",
        "CallSid": call_sid,
        "RecordingStartTime": rfc2822(started_at),
        "AccountSid": account_sid,
    }


_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€")


def segments(message: str) -> int:
    """SMS segments of a message: 160 or 153 characters of the GSM alphabet, 70 or 67 UTF-16 units of anything else."""
    if all(character in _GSM or character in _GSM_DOUBLE for character in message):
        size, single, part = sum(2 if character in _GSM_DOUBLE else 1 for character in message), 160, 153
    else:
        size, single, part = len(message.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= single else -(-size // part)
