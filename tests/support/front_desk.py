"""Weeks of an invented practice, as events: enough to fill every page. The same seed makes the same weeks."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged
from contracts.consent import ConsentChanged
from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsStatusChanged, SmsSuppressed
from contracts.staff import AlertRaised, AppointmentRequested, CallbackRequested

PRACTICE = "+12125550100"
API = "https://api.twilio.com"
"""Where recordings lie."""

TEXTS: tuple[tuple[str, str, str, float, str], ...] = (
    ("appointment", "keyword:appointment", "Hi, can I get an appointment for a cleaning next week?", 0.97, "en"),
    ("hours", "keyword:open", "Are you open on Saturday?", 0.98, "en"),
    ("insurance", "keyword:insurance", "Do you take Delta Dental insurance?", 0.96, "en"),
    ("location", "keyword:where", "Where can I park?", 0.91, "en"),
    ("appointment", "keyword:cita", "Buenos días, quisiera cambiar mi cita del jueves", 0.95, "es"),
    ("none", "default", "Thanks so much, see you then!", 0.62, "en"),
    ("none", "default", "My son left his jacket in the waiting room, did anybody find it?", 0.55, "en"),
)
REPLIES = {
    "appointment": "Bright Harbor Dental: book at brightharbordental.example or call 212-555-0100.",
    "hours": "Bright Harbor Dental hours: Mon-Thu 8am-5pm, Fri 8am-2pm, Sat-Sun closed. Emergencies: 646-555-0188.",
    "insurance": "Bright Harbor Dental takes most PPO plans, Medicaid and CHIP. To check your plan call 212-555-0100.",
    "location": "Bright Harbor Dental: 12 Harbor St, New York, NY 10004. Directions: brightharbordental.example.",
    "none": "Thanks for texting Bright Harbor Dental. For help call 212-555-0100. In an emergency call 646-555-0188.",
    "emergency": "Bright Harbor Dental: in danger of life call 911 now. For an emergency call 646-555-0188.",
}
VOICEMAIL = (
    (0.3, 4.6, "Hi, this is Robert Delaney, that is D E L A N E Y."),
    (4.9, 8.3, "My temporary crown came off this morning while I was eating breakfast."),
    (8.5, 11.0, "It does not hurt but it is sensitive to cold."),
    (11.2, 15.1, "Please call me back at three one two, five five five, zero one one nine."),
    (15.3, 18.7, "Again, that is three one two, five five five, zero one one nine."),
    (18.8, 19.6, "Thank you."),
)
CONVERSATION = (
    (0.2, 2.4, "channel_1", "Bright Harbor Dental, how can I help you?"),
    (2.8, 6.9, "channel_2", "Hello, I wanted to ask whether the new night guard is ready."),
    (7.3, 9.0, "channel_1", "One moment, let me look that up."),
    (11.5, 14.6, "channel_1", "Yes, it came in yesterday. You can pick it up any time today."),
    (15.0, 17.2, "channel_2", "Wonderful, I will come by at three."),
    (17.6, 18.9, "channel_1", "See you then!"),
)


def happened(kind: type[AnyEvent], at: datetime, /, *, provider: str = "twilio", **data: Any) -> AnyEvent:
    """An event of `kind` at a moment."""
    model = kind.model_fields["data"].annotation
    assert model is not None
    return kind.of(model(provider=provider, **data), time=at)


def number(index: int) -> str:
    """An invented number (555-01xx is kept free for that)."""
    return f"+1{(212, 646, 718, 917, 347)[index % 5]}55501{index % 100:02d}"


def text(sid: str, patient: str, at: datetime, message: str, **more: Any) -> AnyEvent:
    """A patient's text."""
    return happened(
        SmsReceived, at, message_sid=sid, from_number=patient, to_number=PRACTICE, message=message, metadata={}, **more
    )


def answered(
    asked: AnyEvent,
    after: float,
    category: str,
    *,
    by: str = "",
    status: str = "delivered",
    code: str | None = None,
    **more: Any,
) -> Iterator[AnyEvent]:
    """The automatic answer to a text, and its delivery report."""
    said: Any = asked.data
    at = asked.time + timedelta(seconds=after)
    sid = f"{said.message_sid}R"
    parties: dict[str, Any] = {"from_number": PRACTICE, "to_number": said.from_number}
    yield happened(
        SmsSent, at, message_sid=sid, **parties, message=REPLIES[category], status="queued", category=category,
        in_reply_to=said.message_sid, in_reply_to_provider="twilio", in_reply_to_event=asked.id,
        understood_by=by or None, **more,
    )  # fmt: skip
    yield happened(
        SmsStatusChanged, at + timedelta(seconds=3), message_sid=sid, status=status, error_code=code, metadata={}
    )


def call(
    sid: str, patient: str, at: datetime, ended: str, lasted: int, *, desk: bool = False, price: str = "-0.0170"
) -> Iterator[AnyEvent]:
    """A call, from ringing to its record."""
    parties: dict[str, Any] = {"from_number": patient, "to_number": PRACTICE, "call_sid": sid}
    over = at + timedelta(seconds=lasted)
    spoke = {"DialCallStatus": "completed"} if desk else {}
    yield happened(CallReceived, at, **parties, started_at=at, line="front_desk", metadata={})
    if ended == "completed":
        picked_up = at + timedelta(seconds=6)
        yield happened(CallStatusChanged, picked_up, call_sid=sid, status="in-progress", metadata=spoke)
    yield happened(CallStatusChanged, over, call_sid=sid, status=ended, duration=lasted, ended_at=over, metadata={})
    later = over + timedelta(seconds=40)
    yield happened(
        CallDetailRecorded,
        later,
        call_sid=sid,
        status=ended,
        duration=lasted,
        price=price,
        price_unit="USD",
        metadata={},
    )


def recorded(
    sid: str,
    call_sid: str,
    at: datetime,
    segments: tuple[tuple[Any, ...], ...],
    *,
    lag: float = 9.0,
    voicemail: bool = True,
    api: str = API,
) -> Iterator[AnyEvent]:
    """A recording and its transcript; segments as (start, end, words) or (start, end, speaker, words)."""
    source = {"RecordingSource": "RecordVerb" if voicemail else "DialVerb"}
    yield happened(
        RecordingReady, at, recording_sid=sid, call_sid=call_sid, recording_duration=20, recording_channels=1,
        recording_url=f"{api}/2010-04-01/Accounts/AC1/Recordings/{sid}",
        recording_started_at=at - timedelta(seconds=25), metadata=source,
    )  # fmt: skip
    said = [{"start": s[0], "end": s[1], "speaker": s[2] if len(s) > 3 else "unknown", "text": s[-1]} for s in segments]
    yield happened(
        TranscriptionCompleted, at + timedelta(seconds=lag), recording_sid=sid, call_sid=call_sid, segments=tuple(said),
        transcription_text=" ".join(each["text"] for each in said), language="en", engine="faster-whisper",
        model="whisper-base", confidence=0.93, audio_seconds=19.7,
    )  # fmt: skip


def weeks(now: datetime, days: int = 45, seed: int = 5) -> list[AnyEvent]:
    """Some weeks until the day before yesterday, and a busy `now`."""
    chance = random.Random(seed)
    events: list[AnyEvent] = []
    for back in range(days, 1, -1):
        day = (now - timedelta(days=back)).replace(minute=0, second=0, microsecond=0)
        if day.weekday() < 6:
            events.extend(_a_day(day, chance, quiet=day.weekday() == 5))
    return events + list(a_morning(now))


def _a_day(day: datetime, chance: random.Random, *, quiet: bool) -> Iterator[AnyEvent]:
    for index in range(chance.randint(2, 4) if quiet else chance.randint(9, 16)):
        at = day.replace(hour=_hour(chance), minute=chance.randrange(60))
        if index % 4 == 3:
            yield _over_voipms(f"{day:%m%d}{index:02d}", number(chance.randrange(70)), at, chance.randint(30, 300))
            continue
        patient, tag = number(chance.randrange(70)), f"{day:%m%d}{index:02d}"
        how = chance.choices(("desk", "voicemail", "missed"), (11, 3, 1))[0]
        lasted = chance.randint(20, 420) if how != "missed" else 0
        yield from call(
            f"CA{tag}", patient, at, "no-answer" if how == "missed" else "completed", lasted, desk=how == "desk"
        )
        if how == "voicemail":
            yield from recorded(
                f"RE{tag}", f"CA{tag}", at + timedelta(seconds=lasted), VOICEMAIL, lag=chance.choice((4, 8, 20, 45))
            )
    for index in range(chance.randint(1, 3) if quiet else chance.randint(8, 18)):
        at = day.replace(hour=_hour(chance), minute=chance.randrange(60))
        category, by, message, sure, language = chance.choice(TEXTS)
        asked = text(f"SM{day:%m%d}{index:02d}", number(chance.randrange(70)), at, message)
        failed = chance.random() < 0.03
        yield asked
        yield from answered(
            asked, chance.choice((0.6, 0.9, 1.4, 1.8, 3.5)), category, by=by, confidence=sure, language=language,
            status="undelivered" if failed else "delivered", code="30003" if failed else None,
        )  # fmt: skip


def _over_voipms(tag: str, patient: str, at: datetime, lasted: int) -> AnyEvent:
    """An answered call as VoIP.ms tells of it: once it is over."""
    return happened(
        CallDetailRecorded, at + timedelta(hours=1), provider="voipms", call_sid=f"17{tag}", status="completed",
        direction="inbound", from_number=patient, to_number=PRACTICE, started_at=at, duration=lasted, price="0.0126",
        price_unit="USD", metadata={},
    )  # fmt: skip


def _hour(chance: random.Random) -> int:
    """In UTC, so that a New York practice is busy in the morning."""
    return chance.choices(range(12, 23), (4, 9, 12, 10, 7, 5, 8, 9, 6, 4, 2))[0]


def a_morning(now: datetime, api: str = API) -> Iterator[AnyEvent]:
    """What waits for the front desk now."""
    yield from _emergency(now - timedelta(minutes=4))
    yield from call("CAmissed1", number(3), now - timedelta(minutes=26), "no-answer", 0)
    yield from call("CAmissed2", number(58), now - timedelta(hours=2, minutes=9), "busy", 0)
    yield from _voicemail(now - timedelta(minutes=41), api)
    yield from _answered_call(now - timedelta(minutes=66), api)
    yield from _a_thread(now - timedelta(minutes=52))
    yield from _requests(now)
    stop = text("SMstop", number(44), now - timedelta(hours=3), "STOP")
    yield stop
    yield happened(
        SmsSuppressed, stop.time + timedelta(seconds=1), from_number=PRACTICE, to_number=number(44), category="opt_out",
        reason="provider_answers", in_reply_to="SMstop", in_reply_to_provider="twilio", in_reply_to_event=stop.id,
        understood_by="keyword:stop", confidence=1.0,
    )  # fmt: skip
    yield happened(ConsentChanged, stop.time, number=number(44), state="opted_out", message_sid="SMstop")


def _emergency(at: datetime) -> Iterator[AnyEvent]:
    asked = text("SMemergency", number(17), at, "I fell off my bike and a front tooth is loose, it won't stop bleeding")
    yield asked
    yield from answered(
        asked, 0.8, "emergency", by="keyword:bleeding", confidence=0.99, language="en", needs_staff=True
    )
    parties = {"from_number": number(17), "to_number": PRACTICE}
    yield happened(AlertRaised, at + timedelta(seconds=1), kind="emergency_text", origin="SMemergency", **parties)


def _voicemail(at: datetime, api: str) -> Iterator[AnyEvent]:
    yield from call("CAvoicemail", "+13125550119", at, "completed", 38)
    yield from recorded("REvoicemail", "CAvoicemail", at + timedelta(seconds=40), VOICEMAIL, api=api)


def _answered_call(at: datetime, api: str) -> Iterator[AnyEvent]:
    yield from call("CAanswered", number(21), at, "completed", 96, desk=True)
    yield from recorded("REanswered", "CAanswered", at + timedelta(seconds=99), CONVERSATION, voicemail=False, api=api)


def _a_thread(at: datetime) -> Iterator[AnyEvent]:
    first = text(
        "SMthread1", number(32), at - timedelta(days=1), "Hi, can I get an appointment for a cleaning next week?"
    )
    second = text("SMthread2", number(32), at, "Is it okay if I bring my daughter too? She lost a filling",
                  media=({"url": "https://api.twilio.com/Media/ME1", "content_type": "image/jpeg"},))  # fmt: skip
    third = text("SMthread3", number(32), at + timedelta(minutes=3), "Tuesday or Wednesday would be best")
    yield first
    yield from answered(first, 1.1, "appointment", by="keyword:appointment", confidence=0.97, language="en")
    yield second
    yield from answered(second, 1.3, "none", by="default", confidence=0.51, language="en", needs_staff=True,
                        status="undelivered", code="30003")  # fmt: skip
    yield third
    yield happened(
        SmsSuppressed, third.time + timedelta(seconds=1), from_number=PRACTICE, to_number=number(32), category="none",
        reason="cooldown", in_reply_to="SMthread3", in_reply_to_provider="twilio", in_reply_to_event=third.id,
        understood_by="default", confidence=0.44, needs_staff=True,
    )  # fmt: skip


def _requests(now: datetime) -> Iterator[AnyEvent]:
    yield happened(
        CallbackRequested, now - timedelta(minutes=35), origin="CAreceptionist", number=number(9), name="Ana Flores",
        about="a question about the bill from March",
    )  # fmt: skip
    yield happened(
        AppointmentRequested, now - timedelta(hours=1, minutes=12), origin="SMwish", number=number(12),
        wish="a check-up, any weekday after four",
    )  # fmt: skip
