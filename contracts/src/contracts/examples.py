"""At least two realistic examples of every event, one minimal and one full: for documents and for tests."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.call import (
    CallDetailRecorded,
    CallDetailRecordedData,
    CallReceived,
    CallReceivedData,
    CallStatusChanged,
    CallStatusChangedData,
    CallTurnTaken,
    CallTurnTakenData,
)
from contracts.commands import VoiceTurnReply, VoiceTurnRequest
from contracts.consent import ConsentChanged, ConsentChangedData, ConsentSource, ConsentState
from contracts.envelope import event_id
from contracts.notice import NoticePurpose, NoticeSent, NoticeSentData, NoticeWithheld, NoticeWithheldData
from contracts.recording import (
    RecordingReady,
    RecordingReadyData,
    Segment,
    TranscriptionCompleted,
    TranscriptionCompletedData,
    TranscriptionFailed,
    TranscriptionFailedData,
    TranscriptionFailure,
    TranscriptionSkipped,
    TranscriptionSkippedData,
)
from contracts.registry import AnyEvent
from contracts.sms import (
    SmsReceived,
    SmsReceivedData,
    SmsSent,
    SmsSentData,
    SmsStatusChanged,
    SmsStatusChangedData,
    SmsSuppressed,
    SmsSuppressedData,
    SuppressionReason,
)
from contracts.staff import (
    AlertAcknowledged,
    AlertAcknowledgedData,
    AlertKind,
    AlertRaised,
    AlertRaisedData,
    AppointmentRequested,
    AppointmentRequestedData,
    CallbackRequested,
    CallbackRequestedData,
)
from contracts.values import Category, Direction, Media

_TIME = datetime(2026, 9, 7, 14, 20, 46, tzinfo=UTC)
_ENDED = datetime(2026, 9, 7, 14, 22, 9, tzinfo=UTC)
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_ACCOUNT = "AC00000000000000000000000000000000"
_PATIENT, _PRACTICE, _DENTIST = "+12125550123", "+12125550100", "+12125550177"
_TEXT_SID, _REPLY_SID = "SM11111111111111111111111111111111", "SM77777777777777777777777777777777"
_MMS_SID, _CALL_SID = "MM22222222222222222222222222222222", "CA88888888888888888888888888888888"
_RECORDING_SID = "RE99999999999999999999999999999999"
_TEXT_EVENT = UUID(event_id("twilio", "sms", _TEXT_SID, "received"))


def _texts() -> list[AnyEvent]:
    return [
        SmsReceived.of(
            SmsReceivedData(
                provider="voipms",
                message_sid="110997718",
                from_number=_PATIENT,
                to_number=_PRACTICE,
                message="Hi, can I move my cleaning?",
                metadata={},
            ),
            time=_TIME,
        ),
        SmsReceived.of(
            SmsReceivedData(
                provider="twilio",
                message_sid=_MMS_SID,
                account_sid=_ACCOUNT,
                from_number=_PATIENT,
                to_number=_PRACTICE,
                message="Is this swelling normal? ☺",
                media=(Media(url="https://api.twilio.com/…/Media/ME33", content_type="image/jpeg"),),
                opt_out_type="HELP",
                metadata={"NumSegments": "2", "FromCity": "NEW YORK", "ToZip": ""},
            ),
            time=_TIME,
            recorded=_TIME,
            traceparent=_TRACE,
        ),
        SmsStatusChanged.of(
            SmsStatusChangedData(provider="twilio", message_sid=_REPLY_SID, status="sent", metadata={}), time=_TIME
        ),
        SmsStatusChanged.of(
            SmsStatusChangedData(
                provider="twilio",
                message_sid=_REPLY_SID,
                account_sid=_ACCOUNT,
                status="undelivered",
                from_number=_PRACTICE,
                to_number=_PATIENT,
                error_code="30007",
                error_message="Carrier filtered",
                metadata={"RawDlrDoneDate": "2609071420"},
            ),
            time=_TIME,
            traceparent=_TRACE,
        ),
    ]


def _replies() -> list[AnyEvent]:
    sent = SmsSentData(
        provider="twilio",
        message_sid=_REPLY_SID,
        from_number=_PRACTICE,
        to_number=_PATIENT,
        message="To book a visit, call (212) 555-0100.",
        status="queued",
        category=Category.APPOINTMENT,
        in_reply_to=_TEXT_SID,
        in_reply_to_provider="twilio",
        in_reply_to_event=_TEXT_EVENT,
    )
    suppressed = SmsSuppressedData(
        provider="twilio",
        from_number=_PRACTICE,
        to_number=_PATIENT,
        category=Category.OPT_OUT,
        reason=SuppressionReason.PROVIDER_ANSWERS,
        in_reply_to=_TEXT_SID,
        in_reply_to_provider="twilio",
        in_reply_to_event=_TEXT_EVENT,
    )
    understood = {
        "account_sid": _ACCOUNT,
        "understood_by": "keyword:cleaning",
        "confidence": 0.97,
        "language": "en",
        "needs_staff": True,
    }
    rejected = {"reason": SuppressionReason.REJECTED, "error_code": "21610", "category": Category.HOURS}
    return [
        SmsSent.of(sent, time=_TIME),
        SmsSent.of(sent.model_copy(update=understood), time=_TIME, traceparent=_TRACE),
        SmsSuppressed.of(suppressed, time=_TIME),
        SmsSuppressed.of(suppressed.model_copy(update=rejected), time=_TIME, traceparent=_TRACE),
    ]


def _consent() -> list[AnyEvent]:
    out = ConsentChangedData(provider="twilio", number=_PATIENT, state=ConsentState.OPTED_OUT, message_sid=_TEXT_SID)
    back = ConsentChangedData(
        provider="voipms",
        number=_PATIENT,
        state=ConsentState.OPTED_IN,
        message_sid="110997720",
        learned_from=ConsentSource.WORD,
    )
    return [ConsentChanged.of(out, time=_TIME), ConsentChanged.of(back, time=_ENDED, traceparent=_TRACE)]


def _calls() -> list[AnyEvent]:
    received = CallReceivedData(
        provider="twilio",
        call_sid=_CALL_SID,
        from_number=_PATIENT,
        to_number=_PRACTICE,
        started_at=_TIME,
        line="front_desk",
        metadata={},
    )
    more = {
        "account_sid": _ACCOUNT,
        "line": "receptionist",
        "metadata": {"StirVerstat": "TN-Validation-Passed-A", "CallerCity": "NEW YORK"},
    }
    ringing = CallStatusChangedData(provider="twilio", call_sid=_CALL_SID, status="ringing", metadata={})
    completed = CallStatusChangedData(
        provider="twilio",
        call_sid=_CALL_SID,
        account_sid=_ACCOUNT,
        direction=Direction.INBOUND,
        status="completed",
        from_number=_PATIENT,
        to_number=_PRACTICE,
        started_at=_TIME,
        ended_at=_ENDED,
        duration=83,
        recording_url="https://api.twilio.com/2010-04-01/Accounts/AC00/Recordings/RE99",
        metadata={"SequenceNumber": "2", "SipResponseCode": "200"},
    )
    return [
        CallReceived.of(received, time=_TIME),
        CallReceived.of(received.model_copy(update=more), time=_TIME, traceparent=_TRACE),
        CallStatusChanged.of(ringing, time=_TIME),
        CallStatusChanged.of(completed, time=_ENDED, traceparent=_TRACE),
        *_call_details(),
    ]


def _call_details() -> list[AnyEvent]:
    missed = CallDetailRecordedData(provider="voipms", call_sid="128238059", status="no-answer", metadata={})
    answered = CallDetailRecordedData(
        provider="voipms",
        call_sid="128238060",
        account_sid="100000_DID",
        direction=Direction.INBOUND,
        status="completed",
        from_number=_PATIENT,
        to_number=_PRACTICE,
        started_at=_TIME,
        ended_at=_ENDED,
        duration=83,
        price="0.0150",
        price_unit="USD",
        metadata={"disposition": "ANSWERED", "description": "Inbound DID"},
    )
    greeting = CallTurnTakenData(provider="twilio", call_sid=_CALL_SID, turn=0, said="Bright Harbor Dental, hello!")
    answer = CallTurnTakenData(
        provider="twilio",
        call_sid=_CALL_SID,
        turn=1,
        heard="When are you open?",
        said="We are open until five today.",
        category=Category.HOURS,
        confidence=0.91,
    )
    return [
        CallDetailRecorded.of(missed, time=_TIME),
        CallDetailRecorded.of(answered, time=_ENDED, traceparent=_TRACE),
        CallTurnTaken.of(greeting, time=_TIME),
        CallTurnTaken.of(answer, time=_TIME, traceparent=_TRACE),
    ]


def _recordings() -> list[AnyEvent]:
    ready = RecordingReadyData(
        provider="twilio",
        recording_sid=_RECORDING_SID,
        call_sid=_CALL_SID,
        account_sid=_ACCOUNT,
        direction=Direction.INBOUND,
        from_number=_PATIENT,
        to_number=_PRACTICE,
        recording_url="https://api.twilio.com/2010-04-01/Accounts/AC00/Recordings/RE99",
        recording_duration=21,
        recording_channels=1,
        recording_started_at=_TIME,
        metadata={"RecordingSource": "RecordVerb"},
    )
    empty = TranscriptionCompletedData(
        provider="twilio", recording_sid=_RECORDING_SID, transcription_text="", engine="faster-whisper"
    )
    spoken = TranscriptionCompletedData(
        provider="twilio",
        recording_sid=_RECORDING_SID,
        call_sid=_CALL_SID,
        transcription_text="Please call me back about my crown.",
        segments=(
            Segment(start=0.4, end=3.1, speaker="unknown", text="Please call me back about my crown.", confidence=0.97),
        ),
        language="en",
        engine="faster-whisper",
        model="whisper-base",
        confidence=0.97,
        audio_seconds=21.0,
    )
    failed = TranscriptionFailedData(
        provider="twilio", recording_sid=_RECORDING_SID, reason=TranscriptionFailure.NOT_AUDIO
    )
    cut_off = {
        "call_sid": _CALL_SID,
        "reason": TranscriptionFailure.TRUNCATED,
        "detail": "the file ends after 9.8 s, before its header says it should",
        "partial_text": "Please call me back",
    }
    skipped = TranscriptionSkippedData(provider="voipms", recording_sid="rec_123456")
    return [
        RecordingReady.of(RecordingReadyData(provider="voipms", recording_sid="rec_123456", metadata={}), time=_TIME),
        RecordingReady.of(ready, time=_ENDED, traceparent=_TRACE),
        TranscriptionCompleted.of(empty, time=_ENDED),
        TranscriptionCompleted.of(spoken, time=_ENDED, traceparent=_TRACE),
        TranscriptionFailed.of(failed, time=_ENDED),
        TranscriptionFailed.of(
            failed.model_copy(update=cut_off),
            time=_ENDED,
            traceparent=_TRACE,
        ),
        TranscriptionSkipped.of(skipped, time=_ENDED),
        TranscriptionSkipped.of(skipped.model_copy(update={"call_sid": "128238060"}), time=_ENDED, traceparent=_TRACE),
    ]


def _for_staff() -> list[AnyEvent]:
    text_alert = AlertRaisedData(
        provider="twilio",
        kind=AlertKind.EMERGENCY_TEXT,
        origin=_TEXT_SID,
        from_number=_PATIENT,
        to_number=_PRACTICE,
    )
    call_back = CallbackRequestedData(provider="twilio", origin=_CALL_SID, number=_PATIENT)
    appointment = AppointmentRequestedData(provider="twilio", origin=_TEXT_SID, number=_PATIENT)
    named = {"name": "Daniel Okafor"}
    return [
        AlertRaised.of(text_alert, time=_TIME),
        AlertRaised.of(
            text_alert.model_copy(update={"kind": AlertKind.EMERGENCY_CALL, "origin": _CALL_SID}),
            time=_TIME,
            traceparent=_TRACE,
        ),
        *_acknowledgements(text_alert),
        CallbackRequested.of(call_back, time=_TIME),
        CallbackRequested.of(
            call_back.model_copy(update={**named, "about": "my crown"}), time=_TIME, traceparent=_TRACE
        ),
        AppointmentRequested.of(appointment, time=_TIME),
        AppointmentRequested.of(
            appointment.model_copy(update={**named, "wish": "a cleaning on Thursday"}), time=_TIME, traceparent=_TRACE
        ),
    ]


def _acknowledgements(alert: AlertRaisedData) -> list[AnyEvent]:
    raised = AlertRaised.of(alert, time=_TIME)
    acknowledged = AlertAcknowledgedData(provider="twilio", origin=alert.origin, alert=raised.id, by_number=_DENTIST)
    other = acknowledged.model_copy(update={"provider": "voipms", "by_number": "+12125550178"})
    return [
        AlertAcknowledged.of(acknowledged, time=_ENDED),
        AlertAcknowledged.of(other, time=_ENDED, traceparent=_TRACE),
    ]


def _notices() -> list[AnyEvent]:
    called_back = NoticeSentData(
        provider="twilio",
        message_sid="SM55555555555555555555555555555555",
        purpose=NoticePurpose.MISSED_CALL,
        cause=_CALL_SID,
        from_number=_PRACTICE,
        to_number=_PATIENT,
        message="Sorry we missed your call. Reply here and we will call you back.",
        status="queued",
    )
    alerted = {
        "message_sid": "SM66666666666666666666666666666666",
        "account_sid": _ACCOUNT,
        "purpose": NoticePurpose.ALERT,
        "cause": event_id("twilio", "alert", _TEXT_SID, "emergency_text"),
        "step": 2,
        "to_number": _DENTIST,
        "message": "A patient may have an emergency. See the page. Answer ACK if you take it.",
        "language": "en",
    }
    withheld = NoticeWithheldData(
        provider="twilio",
        purpose=NoticePurpose.MISSED_CALL,
        cause=_CALL_SID,
        to_number=_PATIENT,
        reason=SuppressionReason.QUIET_HOURS,
    )
    refused = {"from_number": _PRACTICE, "reason": SuppressionReason.REJECTED, "error_code": "30006", "step": 1}
    return [
        NoticeSent.of(called_back, time=_ENDED),
        NoticeSent.of(called_back.model_copy(update=alerted), time=_ENDED, traceparent=_TRACE),
        NoticeWithheld.of(withheld, time=_ENDED),
        NoticeWithheld.of(withheld.model_copy(update=refused), time=_ENDED, traceparent=_TRACE),
    ]


EXAMPLES: tuple[AnyEvent, ...] = (
    *_texts(),
    *_replies(),
    *_consent(),
    *_calls(),
    *_recordings(),
    *_notices(),
    *_for_staff(),
)
"""Every example, of every event."""


def examples_of(event: type[AnyEvent]) -> list[AnyEvent]:
    """The examples of one event type."""
    return [example for example in EXAMPLES if type(example) is event]


COMMAND_EXAMPLES: tuple[VoiceTurnRequest | VoiceTurnReply, ...] = (
    VoiceTurnRequest(
        provider="twilio", call_sid=_CALL_SID, turn=0, from_number=_PATIENT, to_number=_PRACTICE, line="front_desk"
    ),
    VoiceTurnRequest(
        provider="twilio",
        call_sid=_CALL_SID,
        turn=1,
        from_number=_PATIENT,
        to_number=_PRACTICE,
        line="receptionist",
        heard="When are you open?",
        digits="1",
        confidence=0.91,
    ),
    VoiceTurnReply(say="Please leave a message after the tone.", then="voicemail"),
    VoiceTurnReply(
        say="I put you through to the desk.",
        then="dial",
        dial=_PRACTICE,
        language="en-US",
        category=Category.APPOINTMENT,
    ),
)
"""Both sides of every command."""
