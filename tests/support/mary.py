"""Mary, who wants to be forgotten: all that the system can know of her, and eyes on where it may be."""

from typing import Any

import psycopg
from nats.js.errors import NotFoundError
from psycopg import sql

from chassis.bus import Bus
from contracts.call import CallReceived, CallStatusChanged
from contracts.consent import ConsentChanged
from contracts.notice import NoticeSent
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged
from contracts.staff import AlertAcknowledged, AlertRaised, AppointmentRequested, CallbackRequested
from support.events import NOON
from support.recorder import PATIENT, PRACTICE, event

MARY = "+16465550188"
FROM_MARY: dict[str, Any] = {"from_number": MARY, "to_number": PRACTICE}
TO_MARY: dict[str, Any] = {"from_number": PRACTICE, "to_number": MARY}
SECRETS = (MARY[2:], "Mary Poppins", "umbrella", "spoonful", "nanny", "646-555-0188")


def marys_events() -> list[AnyEvent]:
    """Everything the system can know of one person."""
    text = event(SmsReceived, message_sid="SMm1", **FROM_MARY, message="my umbrella hurts", metadata={"From": MARY})
    reply: dict[str, Any] = {"in_reply_to": "SMm1", "in_reply_to_provider": "twilio", "in_reply_to_event": text.id}
    alert = event(AlertRaised, kind="emergency_text", origin="SMm1", **FROM_MARY)
    notice: dict[str, Any] = {"purpose": "staff_alert", "cause": str(alert.id), "to_number": "+12125550177"}
    call: dict[str, Any] = {"call_sid": "CAm1"}
    heard: dict[str, Any] = {"transcription_text": "a spoonful of sugar", "engine": "faster-whisper"}
    return [
        text,
        event(SmsSent, minute=1, message_sid="SRm1", **TO_MARY, message="Dear Mary Poppins", status="sent",
              category="emergency", **reply),
        event(SmsStatusChanged, minute=2, message_sid="SRm1", status="delivered", metadata={"said": "nanny"}),
        alert,
        event(AlertAcknowledged, minute=3, alert=alert.id, origin="SMm1", by_number="+12125550177"),
        event(NoticeSent, minute=2, **notice, message_sid="SNm1", from_number=PRACTICE, message="nanny, call back",
              status="queued"),
        event(SmsStatusChanged, minute=3, message_sid="SNm1", status="delivered", metadata={}),
        event(CallReceived, **call, **FROM_MARY, started_at=NOON, line="front_desk",
              metadata={"CallerName": "Mary Poppins"}),
        event(CallStatusChanged, minute=1, **call, status="completed", metadata={"said": "umbrella"}),
        event(RecordingReady, minute=1, **call, recording_sid="REm1", metadata={}),
        event(TranscriptionCompleted, minute=2, recording_sid="REm1", **heard),
        event(CallbackRequested, origin="CAm1", number=MARY, name="Mary Poppins", about="umbrella"),
        event(AppointmentRequested, origin="SMm1", number=MARY, wish="nanny day"),
        event(ConsentChanged, number=MARY, state="opted_out", message_sid="SMm1"),
        event(SmsReceived, provider="voipms", message_sid="88", **FROM_MARY, message="nanny",
              metadata={"from": "6465550188"}),
    ]  # fmt: skip


def somebody_elses() -> AnyEvent:
    """A text of another patient that mentions her number."""
    said = "my sister's number is (646-555-0188), mine you know"
    return event(
        SmsReceived, minute=4, message_sid="SMo1", from_number=PATIENT, to_number=PRACTICE, message=said, metadata={}
    )


async def publish(operator: Bus, events: list[AnyEvent]) -> None:
    """As if services had."""
    for each in events:
        await operator.js.publish(each.bus_subject, each.to_json())


async def on_the_bus(operator: Bus) -> bytes:
    """All messages and keys of all streams."""
    everything = b""
    for info in await operator.js.streams_info():
        for seq in range(max(info.state.first_seq, 1), info.state.last_seq + 1):
            try:
                message = await operator.js.get_msg(str(info.config.name), seq)
            except NotFoundError:  # deleted
                continue
            everything += str(message.subject).encode() + (message.data or b"") + repr(message.headers).encode()
    return everything


def in_the_database(connection: psycopg.Connection) -> str:
    """All tables as text."""
    tables = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname in ('public', 'frontdesk')"
    ).fetchall()
    assert len(tables) > 15
    return "".join(
        str(row)
        for schema, table in tables
        for row in connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table)))
    )
