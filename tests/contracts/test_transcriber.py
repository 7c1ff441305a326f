"""The transcriber against the contracts: whatever recording is announced is handled, and its outcome is allowed."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

import pytest
from hypothesis import given, settings

from chassis.bus import Bus
from chassis.recordings.failures import PermanentFailure
from chassis.recordings.port import Fetcher
from contracts.recording import (
    RecordingReady,
    RecordingReadyData,
    TranscriptionCompleted,
    TranscriptionFailed,
    TranscriptionFailure,
    TranscriptionSkipped,
)
from contracts.testing.examples import Example
from contracts.testing.plugin import MakeBus
from contracts.testing.recording_bus import RecordingBus
from contracts.testing.strategies import events_of
from contracts.topology import TRANSCRIBER_RECORDINGS
from support.backends import NatsServer
from support.contracts import consumed, consuming, deliver, handled, of_unknown_type, produces, with_news
from support.events import NOON
from support.transcriber import Outcome, ready
from transcriber.engine.port import Engine
from transcriber.handling import Handling
from transcriber.transcript import Transcript, Word, compose

SPOKEN = Word(0.4, 1.2, " Hello.", 0.97, "unknown", "en")


class Fetched:
    """A provider that has every recording."""

    async def fetch(self, recording: RecordingReadyData, into: IO[bytes]) -> None:
        into.write(b"RIFF")


class Hearing:
    """An engine that hears the same in every recording."""

    name, model = "double", "double-1"

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    async def transcribe(self, recording: Path) -> Transcript:
        assert recording.read_bytes() == b"RIFF"
        return self._transcript

    async def problem(self) -> str | None:
        return None

    async def close(self) -> None:
        return


class Deaf(Hearing):
    """An engine that takes every recording for a document."""

    def __init__(self) -> None:
        super().__init__(compose([], audio_seconds=0))

    async def transcribe(self, recording: Path) -> Transcript:
        raise PermanentFailure(TranscriptionFailure.NOT_AUDIO, "application/pdf")


HELLO = Hearing(compose([SPOKEN], audio_seconds=2.0))
CUT_OFF = Hearing(compose([SPOKEN], audio_seconds=2.0, truncated=True))


def handling(published: RecordingBus, engine: Engine | None = HELLO) -> Handling:
    """The real one, between a provider and an engine of the test."""
    fetchers: Mapping[str, Fetcher] = {"twilio": Fetched(), "voipms": Fetched()}
    return Handling(cast("Bus", published), fetchers, engine, lambda: NOON)  # of its bus it only uses `publish`


@pytest.mark.contract_consumer("transcriber")
async def test_every_example_is_handled(
    nats: NatsServer, operator: Bus, recording_bus: MakeBus, contract_example: Example
) -> None:
    published = recording_bus("transcriber")
    async with consuming(nats, TRANSCRIBER_RECORDINGS, lambda _: handling(published)):
        await deliver(operator, contract_example.kind, contract_example.body)
        await consumed(operator, TRANSCRIBER_RECORDINGS)
    heard = published.only(TranscriptionCompleted).data
    asked = contract_example.event.data
    assert (heard.provider, heard.recording_sid) == (asked.provider, asked.recording_sid)
    assert heard.transcription_text == "Hello."


async def test_news_is_passed_over_and_counted(nats: NatsServer, operator: Bus, recording_bus: MakeBus) -> None:
    published, unknown = recording_bus("transcriber"), handled(TRANSCRIBER_RECORDINGS, "unknown_type")
    async with consuming(nats, TRANSCRIBER_RECORDINGS, lambda _: handling(published)):
        await deliver(operator, RecordingReady, of_unknown_type(RecordingReady), with_news(ready("RE1").to_json()))
        await consumed(operator, TRANSCRIBER_RECORDINGS)
    assert published.only(TranscriptionCompleted).data.recording_sid == "RE1"
    assert handled(TRANSCRIBER_RECORDINGS, "unknown_type") == unknown + 1


@settings(deadline=None)
@given(announced=events_of(RecordingReady))
async def test_no_valid_recording_is_too_strange(announced: RecordingReady) -> None:
    published = RecordingBus("transcriber")
    await handling(published)(announced)
    (outcome,) = published.events
    assert isinstance(outcome, Outcome)
    assert outcome.data.recording_sid == announced.data.recording_sid


@produces(TranscriptionCompleted)
@pytest.mark.parametrize("words", [[SPOKEN], []], ids=["speech", "silence"])
async def test_a_transcript_keeps_the_contracts(recording_bus: MakeBus, words: list[Word]) -> None:
    published = recording_bus("transcriber")
    await handling(published, Hearing(compose(words, audio_seconds=2.0, damaged=True)))(ready("RE1"))
    assert len(published.only(TranscriptionCompleted).data.segments) == len(words)


@produces(TranscriptionFailed)
@pytest.mark.parametrize("engine", [Deaf(), CUT_OFF], ids=["not audio", "truncated"])
async def test_a_failure_keeps_the_contracts(recording_bus: MakeBus, engine: Engine) -> None:
    published = recording_bus("transcriber")
    await handling(published, engine)(ready("RE1"))
    reason = TranscriptionFailure.TRUNCATED if engine is CUT_OFF else TranscriptionFailure.NOT_AUDIO
    assert published.only(TranscriptionFailed).data.reason is reason


@produces(TranscriptionSkipped)
async def test_a_skipped_recording_keeps_the_contracts(recording_bus: MakeBus) -> None:
    published = recording_bus("transcriber")
    await handling(published, None)(ready("RE1"))
    assert published.only(TranscriptionSkipped).data.recording_sid == "RE1"
