"""The events that tell practice staff what a text asks of them. Pure."""

from collections.abc import Iterator

from chassis.tracing import child_of
from contracts.sms import SmsReceived, SuppressionReason
from contracts.staff import (
    AppointmentRequested,
    AppointmentRequestedData,
    CallbackRequested,
    CallbackRequestedData,
)
from contracts.values import Category
from responder.decision import Decision, Silence
from responder.requests.wishes import wants_a_call

_NOBODY = frozenset({SuppressionReason.OWN_NUMBER, SuppressionReason.NOT_A_PHONE, SuppressionReason.AUTO_REPLY})
"""Silences that say that no patient wrote. In all others a person did, also when nothing may be answered."""


def requests(text: SmsReceived, decision: Decision) -> Iterator[AppointmentRequested | CallbackRequested]:
    """What `text` asks for. An emergency is none: its alert asks staff to call already."""
    answer, asked = decision.answer, text.data
    if isinstance(answer, Silence) and answer.reason in _NOBODY:
        return
    when, trace = text.time, child_of(text.traceparent)
    if decision.category is Category.APPOINTMENT:
        wish = AppointmentRequestedData(
            provider=asked.provider, origin=asked.message_sid, number=asked.from_number, wish=asked.message
        )
        yield AppointmentRequested.of(wish, time=when, traceparent=trace)
    if decision.category is not Category.EMERGENCY and wants_a_call(asked.message):
        call = CallbackRequestedData(
            provider=asked.provider, origin=asked.message_sid, number=asked.from_number, about=asked.message
        )
        yield CallbackRequested.of(call, time=when, traceparent=trace)
