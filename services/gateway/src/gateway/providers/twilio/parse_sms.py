"""Twilio's webhooks about texts."""

from contracts.sms import SmsReceived, SmsReceivedData, SmsStatusChanged, SmsStatusChangedData
from contracts.values import Media
from gateway.phone import normalised
from gateway.providers.base import Parsed, VerifiedRequest
from gateway.providers.parameters import Parameters
from gateway.providers.twilio.parameters import PROVIDER, error_code, parameters


def received(request: VerifiedRequest) -> Parsed:
    """A patient's text or pictures."""
    given = parameters(request)
    given.drop("SmsSid", "SmsMessageSid")  # deprecated copies of MessageSid
    data = SmsReceivedData(
        provider=PROVIDER,
        message_sid=given.required("MessageSid"),
        account_sid=given.optional("AccountSid"),
        from_number=normalised(given.required("From")),
        to_number=normalised(given.required("To")),
        message=given.text("Body"),
        media=_media(given),
        opt_out_type=given.optional("OptOutType"),
        metadata=given.rest(),
    )
    return Parsed((request.event(SmsReceived, data),))


def status_changed(request: VerifiedRequest) -> Parsed:
    """A delivery report. MessageStatus and SmsStatus are twins; either will do."""
    given = parameters(request)
    given.drop("SmsSid")
    status = given.required("MessageStatus", "SmsStatus")
    given.drop("SmsStatus")
    sender, recipient = given.optional("From"), given.optional("To")
    data = SmsStatusChangedData(
        provider=PROVIDER,
        message_sid=given.required("MessageSid"),
        account_sid=given.optional("AccountSid"),
        status=status,
        from_number=normalised(sender) if sender else None,
        to_number=normalised(recipient) if recipient else None,
        error_code=error_code(given),
        error_message=given.optional("ErrorMessage"),
        metadata=given.rest(),
    )
    return Parsed((request.event(SmsStatusChanged, data),))


def _media(given: Parameters) -> tuple[Media, ...]:
    """MediaUrl0, MediaUrl1, … as far as they go; NumMedia is only a hint and stays in the metadata."""
    media: list[Media] = []
    while (url := given.optional(f"MediaUrl{len(media)}")) is not None:
        media.append(Media(url=url, content_type=given.optional(f"MediaContentType{len(media)}")))
    return tuple(media)
