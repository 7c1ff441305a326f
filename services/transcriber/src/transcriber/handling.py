"""What happens to one recording: fetch, transcribe, publish."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chassis import logs, tracing
from chassis.bus import Bus
from chassis.consuming import attempt
from chassis.failures import MAX_ATTEMPTS, NotYet
from chassis.masking import mask_id
from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from chassis.recordings.port import Fetcher
from contracts.recording import RecordingReady, RecordingReadyData, TranscriptionFailure
from contracts.registry import AnyEvent
from transcriber import metrics
from transcriber.engine.port import Engine
from transcriber.outcome import Outcome, completed, cut_off, failed, name, skipped
from transcriber.temporary import temporary_file
from transcriber.transcript import Transcript

log = logs.get(__name__)

_PUBLISH_SECONDS = 30.0
"""Minutes of work are in the event: wait longer for the bus than one would otherwise."""


@dataclass(frozen=True)
class Handling:
    """The handler of `events.recording.ready`."""

    bus: Bus
    fetchers: Mapping[str, Fetcher]
    engine: Engine | None
    """None when transcription is switched off."""
    now: Callable[[], datetime]

    async def __call__(self, event: AnyEvent) -> None:
        """Publish the outcome. Raises `NotYet` or `Unavailable` when there is none yet."""
        assert isinstance(event, RecordingReady)
        outcome = await self._outcome(event)
        await self.bus.publish(outcome, deadline=_PUBLISH_SECONDS)
        metrics.RECORDINGS.labels(event.data.provider, name(outcome)).inc()
        log.info("recording done", recording_sid=mask_id(event.data.recording_sid), outcome=name(outcome))

    async def _outcome(self, event: RecordingReady) -> Outcome:
        if self.engine is None:
            return skipped(event, now=self.now())
        try:
            transcript = await self._transcript(event.data, self.engine)
        except TemporaryFailure as failure:
            if attempt() < MAX_ATTEMPTS:
                raise NotYet(str(failure)) from failure
            return failed(event, failure, now=self.now())
        except PermanentFailure as failure:
            return failed(event, failure, now=self.now())
        if transcript.truncated:
            return cut_off(event, transcript, now=self.now())
        return completed(event, transcript, engine=self.engine.name, model=self.engine.model, now=self.now())

    async def _transcript(self, recording: RecordingReadyData, engine: Engine) -> Transcript:
        fetcher = self.fetchers.get(recording.provider)
        if fetcher is None:
            raise PermanentFailure(TranscriptionFailure.NO_CREDENTIALS, f"none for {recording.provider}")
        with temporary_file() as (file, path):
            with tracing.span(f"fetch from {recording.provider}", "client"):
                await fetcher.fetch(recording, file)
            file.flush()
            began = time.monotonic()
            with tracing.span("transcribe") as span:
                transcript = await engine.transcribe(path)
                span.set("frontdesk.audio_seconds", transcript.audio_seconds)
        metrics.AUDIO_SECONDS.inc(transcript.audio_seconds)
        metrics.PROCESSING_SECONDS.inc(time.monotonic() - began)
        return transcript
