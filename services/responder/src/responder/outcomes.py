"""The events that tell what became of a patient's text. Pure: built from the text, how it ended, and a time."""

from datetime import datetime

from chassis.tracing import child_of
from contracts.sms import SmsReceived, SmsSent, SmsSentData, SmsSuppressed, SmsSuppressedData, SuppressionReason
from contracts.staff import AlertKind, AlertRaised, AlertRaisedData
from contracts.values import Category
from responder.sending.messages import About, Ending, Sent, UnknownOutcome, Withheld


def tell(text: SmsReceived, ending: Ending, at: datetime) -> SmsSent | SmsSuppressed:
    """The one outcome of `text`."""
    match ending:
        case Sent():
            return _sent(text, ending, at)
        case Withheld(reason, about, code):
            return _suppressed(text, about, reason, at, code)
        case UnknownOutcome(outgoing):
            return _suppressed(text, outgoing.about, SuppressionReason.UNKNOWN_OUTCOME, at)


def _sent(text: SmsReceived, ending: Sent, at: datetime) -> SmsSent:
    asked, about, way = text.data, ending.outgoing.about, ending.route
    data = SmsSentData(
        provider=way.provider,
        message_sid=ending.message_sid,
        account_sid=asked.account_sid if way.provider == asked.provider else None,
        from_number=way.sender,
        to_number=asked.from_number,
        message=ending.outgoing.text,
        status=ending.status,
        category=about.category or Category.NONE,
        in_reply_to=asked.message_sid,
        in_reply_to_provider=asked.provider,
        in_reply_to_event=text.id,
        understood_by=about.understood_by,
        confidence=about.confidence,
        language=about.language,
        needs_staff=about.needs_staff,
    )
    return SmsSent.of(data, time=at, traceparent=child_of(text.traceparent))


def _suppressed(
    text: SmsReceived, about: About, reason: SuppressionReason, at: datetime, code: str | None = None
) -> SmsSuppressed:
    asked = text.data
    data = SmsSuppressedData(
        provider=asked.provider,
        from_number=asked.to_number,
        to_number=asked.from_number,
        category=about.category or Category.NONE,
        reason=reason,
        error_code=code,
        in_reply_to=asked.message_sid,
        in_reply_to_provider=asked.provider,
        in_reply_to_event=text.id,
        understood_by=about.understood_by,
        confidence=about.confidence,
        language=about.language,
        needs_staff=about.needs_staff,
    )
    return SmsSuppressed.of(data, time=at, traceparent=child_of(text.traceparent))


def is_unknown(outcome: SmsSent | SmsSuppressed) -> bool:
    """Whether nobody can tell if the patient got a reply."""
    return isinstance(outcome, SmsSuppressed) and outcome.data.reason is SuppressionReason.UNKNOWN_OUTCOME


def emergency_alert(text: SmsReceived) -> AlertRaised:
    """Staff must look at `text`."""
    trace = child_of(text.traceparent)
    return _alert(text, AlertKind.EMERGENCY_TEXT, at=text.time, recorded=text.recordedtime, traceparent=trace)


def unknown_reply_alert(text: SmsReceived, outcome: SmsSent | SmsSuppressed) -> AlertRaised:
    """Staff must find out whether the patient got the reply to `text`; `outcome` says that we cannot."""
    return _alert(text, AlertKind.REPLY_UNKNOWN, at=outcome.time, traceparent=outcome.traceparent)


def _alert(
    text: SmsReceived, kind: AlertKind, *, at: datetime, traceparent: str | None, recorded: datetime | None = None
) -> AlertRaised:
    data = AlertRaisedData(
        provider=text.data.provider,
        kind=kind,
        origin=text.data.message_sid,
        from_number=text.data.from_number,
        to_number=text.data.to_number,
    )
    return AlertRaised.of(data, time=at, recorded=recorded, traceparent=traceparent)
