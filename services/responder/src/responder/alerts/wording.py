"""What people on call are texted. Pure: a patient's number and how they reached us, never what they said."""

from collections.abc import Sequence

from contracts.staff import AlertKind
from responder import sms
from responder.alerts.escalation import Alert
from responder.alerts.pages import Words
from responder.practice.alert_texts import NAME_SHOWN
from responder.practice.model import Practice
from responder.replies import times
from responder.templates import fill

_SHOWN = 2
"""Patients that a confirmation names."""
_LONGEST_NUMBER = 16


def page(practice: Practice, alert: Alert, words: Words) -> str:
    """The text that somebody on call gets."""
    texts = practice.alert_texts
    return sms.as_sent(texts.more if words is Words.MORE else fill(texts.alert, _fields(practice, alert)))


def confirmation(practice: Practice, alerts: Sequence[Alert]) -> str:
    """The answer to who takes `alerts`."""
    patients = list(dict.fromkeys(_patient(alert) for alert in alerts))
    more = f" +{len(patients) - _SHOWN}" if len(patients) > _SHOWN else ""
    return sms.as_sent(fill(practice.alert_texts.confirmation, {"taken": ", ".join(patients[:_SHOWN]) + more}))


def taken(practice: Practice, alert: Alert, by_number: str) -> str:
    """For somebody else who was told of `alert`."""
    person = practice.on_call_person(by_number)
    name = person.name[:NAME_SHOWN] if person else by_number
    return sms.as_sent(fill(practice.alert_texts.taken, {**_fields(practice, alert), "name": name}))


def unclear(practice: Practice) -> str:
    """The answer to something else than ACK."""
    return sms.as_sent(practice.alert_texts.unclear)


def nothing_open(practice: Practice) -> str:
    """The answer to an ACK that comes too late."""
    return sms.as_sent(practice.alert_texts.nothing_open)


def _fields(practice: Practice, alert: Alert) -> dict[str, str]:
    texts = practice.alert_texts
    said = {AlertKind.EMERGENCY_VOICEMAIL: texts.by_voicemail, AlertKind.EMERGENCY_CALL: texts.by_call}
    own = practice.practice.language
    return {
        "patient": _patient(alert),
        "by": next((word for kind, word in said.items() if kind == alert.kind), texts.by_text),
        "time": times.clock(practice.phrases_of(own), alert.at.astimezone(practice.zone).time()),
    }


def _patient(alert: Alert) -> str:
    """The number in full, as it is dialled: somebody has to call it. Only what is no number may be longer."""
    return alert.patient[:_LONGEST_NUMBER]
