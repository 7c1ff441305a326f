"""The events the responder publishes. Pure: built from the text they answer, a time and a trace."""

from datetime import datetime

from chassis.tracing import child_of
from contracts.consent import ConsentChanged, ConsentChangedData
from contracts.sms import SmsReceived, SmsSent, SmsSentData, SmsSuppressed, SmsSuppressedData, SuppressionReason
from contracts.staff import AlertKind, AlertRaised, AlertRaisedData
from contracts.values import Category
from responder.consent import Word
from responder.senders.port import Accepted


def sent(text: SmsReceived, category: Category, message: str, accepted: Accepted, *, at: datetime) -> SmsSent:
    """The provider accepted `message` as the reply."""
    asked = text.data
    data = SmsSentData(
        provider=asked.provider,
        message_sid=accepted.message_sid,
        account_sid=asked.account_sid,
        from_number=asked.to_number,
        to_number=asked.from_number,
        message=message,
        status=accepted.status,
        category=category,
        in_reply_to=asked.message_sid,
        in_reply_to_provider=asked.provider,
        in_reply_to_event=text.id,
    )
    return SmsSent.of(data, time=at, traceparent=child_of(text.traceparent))


def suppressed(
    text: SmsReceived, category: Category, reason: SuppressionReason, *, at: datetime, code: str | None = None
) -> SmsSuppressed:
    """No reply, and why; `code` is the provider's."""
    asked = text.data
    data = SmsSuppressedData(
        provider=asked.provider,
        from_number=asked.to_number,
        to_number=asked.from_number,
        category=category,
        reason=reason,
        error_code=code,
        in_reply_to=asked.message_sid,
        in_reply_to_provider=asked.provider,
        in_reply_to_event=text.id,
    )
    return SmsSuppressed.of(data, time=at, traceparent=child_of(text.traceparent))


def is_refused_opt_out(outcome: SmsSent | SmsSuppressed) -> bool:
    """Whether the provider refused the reply because the patient had opted out there."""
    if isinstance(outcome, SmsSent):
        return False
    return outcome.data.reason is SuppressionReason.OPTED_OUT and outcome.data.error_code is not None


def is_unknown(outcome: SmsSent | SmsSuppressed) -> bool:
    """Whether nobody can tell if the patient got a reply."""
    return isinstance(outcome, SmsSuppressed) and outcome.data.reason is SuppressionReason.UNKNOWN_OUTCOME


def consent_changed(text: SmsReceived, word: Word) -> ConsentChanged:
    """The sender of `text` opted out or in."""
    data = ConsentChangedData(
        provider=text.data.provider,
        number=text.data.from_number,
        state=word.state,
        message_sid=text.data.message_sid,
    )
    return ConsentChanged.of(data, time=word.said_at, traceparent=child_of(text.traceparent))


def emergency_alert(text: SmsReceived) -> AlertRaised:
    """Staff must look at `text`."""
    return _alert(text, AlertKind.EMERGENCY_TEXT, at=text.time, traceparent=child_of(text.traceparent))


def unknown_reply_alert(text: SmsReceived, outcome: SmsSent | SmsSuppressed) -> AlertRaised:
    """Staff must find out whether the patient got the reply to `text`; `outcome` says that we cannot."""
    return _alert(text, AlertKind.REPLY_UNKNOWN, at=outcome.time, traceparent=outcome.traceparent)


def _alert(text: SmsReceived, kind: AlertKind, *, at: datetime, traceparent: str | None) -> AlertRaised:
    data = AlertRaisedData(
        provider=text.data.provider,
        kind=kind,
        origin=text.data.message_sid,
        from_number=text.data.from_number,
        to_number=text.data.to_number,
    )
    return AlertRaised.of(data, time=at, traceparent=traceparent)
