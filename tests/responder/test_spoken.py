"""An emergency that is spoken, in a voicemail or to the receptionist, raises an alert with the caller's number."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from contracts.call import CallReceived, CallReceivedData, CallTurnTaken, CallTurnTakenData
from contracts.recording import Segment, TranscriptionCompleted, TranscriptionCompletedData
from contracts.staff import AlertKind, AlertRaised
from responder.calls.spoken import stretches, tells_of_emergency
from support.desk import Clock, Desk, desk_on, postponed
from support.responder import PATIENT, TWILIO_NUMBER, Office, the_practice

NOW = datetime(2026, 11, 17, 20, 14, tzinfo=UTC)
ROUTINE = (
    "Hi this is Maria Lopez, I am calling to move my cleaning next Thursday to some other day, mornings are best for "
    "me, and my daughter would like to come along for her checkup if you have two openings. My number is 212 555 0123, "
    "again that is 212 555 0123. Thank you so much and have a great day, bye bye."
)
URGENT = (
    "Hi this is Maria Lopez, I have been a patient of yours for many years, my number is 212 555 0123. I am calling "
    "about my son Diego, he is seven, we were at the park this afternoon and he fell off the swing, and one of his "
    "front teeth got knocked out completely and there is a lot of blood. Please call me back as soon as you get this. "
    "Thank you, my number again is 212 555 0123."
)


def transcript(words: str, *, speakers: tuple[str, ...] = ("unknown",), **changes: Any) -> TranscriptionCompleted:
    data = TranscriptionCompletedData(
        provider="twilio",
        recording_sid="RE1",
        transcription_text=words,
        segments=tuple(Segment(start=0, end=1, speaker=speaker, text="…") for speaker in speakers),
        engine="faster-whisper",
        **{"call_sid": "CA1", **changes},
    )
    return TranscriptionCompleted.of(data, time=NOW)


def received() -> CallReceived:
    data = CallReceivedData(
        provider="twilio",
        call_sid="CA1",
        from_number=PATIENT,
        to_number=TWILIO_NUMBER,
        started_at=NOW,
        line="front_desk",
        metadata={},
    )
    return CallReceived.of(data, time=NOW)


@dataclass
class Ear:
    """A desk that listens."""

    office: Office
    desk: Desk
    clock: Clock

    async def alerts(self) -> list[tuple[str, str, str, str]]:
        """Kind, origin and numbers of every alert."""
        raised = await self.office.published(AlertRaised)
        data = [event.data for event in raised]
        return [(str(one.kind), one.origin, one.from_number, one.to_number) for one in data]


@pytest.fixture
async def ear(office: Office) -> Ear:
    clock = Clock(NOW)
    return Ear(office, desk_on(office.operator, {}, now=clock.now), clock)


async def test_an_emergency_in_a_voicemail_raises_an_alert_once(ear: Ear) -> None:
    await ear.desk.calls.handle(received())
    for _ in range(3):
        assert await postponed(ear.desk.spoken.transcript(transcript(URGENT))) is None
    assert await ear.alerts() == [(AlertKind.EMERGENCY_VOICEMAIL, "RE1", PATIENT, TWILIO_NUMBER)]


async def test_an_ordinary_voicemail_raises_none(ear: Ear) -> None:
    await ear.desk.calls.handle(received())
    for words in (ROUTINE, ""):
        assert await postponed(ear.desk.spoken.transcript(transcript(words))) is None
    assert await ear.alerts() == []


async def test_a_transcript_that_comes_before_its_call_waits_for_the_number(ear: Ear) -> None:
    assert await postponed(ear.desk.spoken.transcript(transcript(URGENT))) == 2
    assert await ear.alerts() == []
    await ear.desk.calls.handle(received())
    assert await postponed(ear.desk.spoken.transcript(transcript(URGENT))) is None
    assert await ear.alerts() == [(AlertKind.EMERGENCY_VOICEMAIL, "RE1", PATIENT, TWILIO_NUMBER)]


async def test_an_emergency_of_an_unknown_caller_is_one(ear: Ear) -> None:
    assert await postponed(ear.desk.spoken.transcript(transcript(URGENT))) is not None
    ear.clock.forward(minutes=1)
    assert await postponed(ear.desk.spoken.transcript(transcript(URGENT))) is None
    assert await postponed(ear.desk.spoken.transcript(transcript(URGENT, call_sid=None))) is None
    assert await ear.alerts() == [(AlertKind.EMERGENCY_VOICEMAIL, "RE1", "unknown", "unknown")]


async def test_a_conversation_was_heard_by_somebody(ear: Ear) -> None:
    both = transcript(URGENT, speakers=("channel_1", "channel_2"))
    assert await postponed(ear.desk.spoken.transcript(both)) is None
    assert await ear.alerts() == []


async def test_an_emergency_told_to_the_receptionist_raises_an_alert_once_for_the_call(ear: Ear) -> None:
    await ear.desk.calls.handle(received())
    for turn, category in enumerate(("hours", "emergency", "emergency")):
        data = CallTurnTakenData(
            provider="twilio", call_sid="CA1", turn=turn, heard="…", said="Call 911.", category=category
        )
        await ear.desk.calls.handle(CallTurnTaken.of(data, time=NOW))
    assert await ear.alerts() == [(AlertKind.EMERGENCY_CALL, "CA1", PATIENT, TWILIO_NUMBER)]


@pytest.mark.parametrize(
    ("words", "urgent"),
    [
        (URGENT, True),
        (ROUTINE, False),
        ("my face is swelling and I can't breathe well", True),
        ("Hola, llamo porque mi hija se cayó y se le salió un diente, está sangrando mucho, llámenme por favor", True),
        ("Hola, quiero cambiar mi cita del jueves para otro día, gracias", False),
    ],
)
def test_a_voicemail_is_understood_whatever_else_it_tells(words: str, urgent: bool) -> None:
    assert tells_of_emergency(words, the_practice()) is urgent


def test_every_word_of_a_long_transcript_is_heard_with_those_around_it() -> None:
    words = [f"word{number}" for number in range(500)]
    pieces = [piece.split() for piece in stretches(" ".join(words))]
    pairs = {pair for piece in pieces for pair in pairwise(piece)}
    assert pairs == set(pairwise(words))
    assert all(len(" ".join(piece)) <= 240 for piece in pieces)
    assert list(stretches("")) == []
