"""Recordings of Twilio calls: made by a call, served when they are complete."""

from dataclasses import dataclass, field
from datetime import datetime

from simulator import ids
from simulator.audio import Wav
from simulator.library import Sound
from simulator.memory import Newest, now
from simulator.twilio import webhooks
from simulator.twilio.account import Account
from simulator.webhook import Webhook

STATUS_PATH = "/webhooks/twilio/recording/status"


class TooManyChannels(Exception):
    """Two channels asked of a recording that has one."""


@dataclass
class Recording:
    """One recording. `processing` until it can be downloaded."""

    sid: str
    call_sid: str
    source: str
    channels: int
    seconds: float
    sound: Sound = field(repr=False)
    started_at: datetime = field(default_factory=now)
    status: str = "processing"

    def download(self, form: str, channels: int) -> tuple[bytes, str]:
        """Content and media type. Twilio docs, "Recording": `.wav` is 16-bit PCM; a mono mix unless two channels are
        asked for. Raises `TooManyChannels`."""
        if channels > self.channels:
            raise TooManyChannels
        content, media_type = self.sound.best(form)
        wav = Wav.read(content)
        if wav is None:
            return content, media_type
        wav = wav.first(self.seconds)
        return (wav if channels == wav.channels else wav.mono()).content(), media_type


class Recordings:
    """Recordings of the account by their sid."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._recordings: Newest[Recording] = Newest()

    def forget(self) -> None:
        """None any more."""
        self._recordings.clear()

    def get(self, sid: str) -> Recording | None:
        """The recording, whatever its status."""
        return self._recordings.get(sid)

    def start(self, call_sid: str, sound: Sound, *, source: str, channels: int, longest: float = 14_400) -> Recording:
        """A recording in the making."""
        recording = Recording(ids.sid("RE"), call_sid, source, channels, min(sound.seconds, longest), sound=sound)
        self._recordings[recording.sid] = recording
        return recording

    def status_webhook(
        self, recording: Recording, status: str, url: str | None = None, method: str = "POST"
    ) -> Webhook:
        """The callback that tells of `status`. Only a completed one has a length."""
        parameters = webhooks.recording_status(
            self._account.sid,
            recording.call_sid,
            recording.sid,
            self._account.resource(f"Recordings/{recording.sid}"),
            recording.source,
            recording.started_at,
        )
        parameters["RecordingStatus"] = status
        parameters["RecordingChannels"] = str(recording.channels)
        if status == "completed":
            parameters["RecordingDuration"] = str(max(1, round(recording.seconds)))
        target = url or self._account.addresses.url(STATUS_PATH)
        return self._account.webhook("twilio.recording.status", recording.sid, target, parameters, method=method)
