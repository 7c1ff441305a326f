"""Opens recordings at the providers that store them, whole or in part."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from chassis.failures import Unavailable
from chassis.recordings.failures import PermanentFailure, TemporaryFailure
from chassis.recordings.settings import RecordingSettings
from chassis.recordings.twilio import TwilioFetcher
from chassis.recordings.voipms import VoipmsFetcher
from contracts.recording import RecordingReadyData, TranscriptionFailure
from recorder.database import Row
from recorder.web.audio.holding import MOST_ANSWERED, Holding
from recorder.web.audio.ranges import Asked
from recorder.web.audio.sound import NotPlayable, Sound
from recorder.web.audio.streaming import streamed

_MOST_AT_ONCE = 16
_TWILIO_SETTINGS = "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
_VOIPMS_SETTINGS = "VOIPMS_USERNAME and VOIPMS_PASSWORD"

_ANSWERS = {
    TranscriptionFailure.NOT_FOUND: (404, "the provider has this recording no more, or not yet"),
    TranscriptionFailure.FORBIDDEN: (502, "the provider refuses our credentials"),
    TranscriptionFailure.UNTRUSTED_HOST: (502, "the recording lies on a host that is not the provider's"),
    TranscriptionFailure.TOO_LARGE: (502, "the recording is too large to be played here"),
    TranscriptionFailure.NOT_AUDIO: (502, "the provider gave something that is no recording"),
}
_NO_ANSWER = (502, "the provider did not answer as it should")


_Fetcher = TypeVar("_Fetcher")


@dataclass(frozen=True)
class Player:
    """Opens recordings. Without a provider's fetcher its recordings cannot be played."""

    twilio: TwilioFetcher | None = None
    voipms: VoipmsFetcher | None = None
    holding: Holding = field(default_factory=Holding)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MOST_AT_ONCE))

    @asynccontextmanager
    async def opened(self, recording: Row, part: Asked | None) -> AsyncIterator[Sound]:
        """The sound, to be read inside the block. Raises `NotPlayable` and `NoSuchPart`."""
        if self.places.locked():
            raise NotPlayable(503, "too many recordings are being played at once")
        async with self.places:
            try:
                async with self._opened(_as_event(recording), part) as sound:
                    yield sound
            except (PermanentFailure, TemporaryFailure) as failure:
                raise NotPlayable(*_ANSWERS.get(failure.reason, _NO_ANSWER)) from failure
            except Unavailable as failure:
                raise NotPlayable(502, "the provider cannot be reached") from failure

    @asynccontextmanager
    async def _opened(self, recording: RecordingReadyData, part: Asked | None) -> AsyncIterator[Sound]:
        if recording.provider == "twilio":
            async with streamed(_needed(self.twilio, _TWILIO_SETTINGS), recording.recording_url, part) as sound:
                yield sound
        elif recording.provider == "voipms":
            yield await self.holding.sound(_needed(self.voipms, _VOIPMS_SETTINGS), recording, part)
        else:
            raise NotPlayable(404, "recordings of this provider cannot be played")


def make_player(settings: RecordingSettings, client: httpx.AsyncClient) -> Player:
    """A player for the providers we have credentials for."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    user, password = settings.voipms_username, settings.voipms_password.get_secret_value()
    account, voipms_url = settings.voipms_account or user, str(settings.voipms_api_url)
    return Player(
        TwilioFetcher(client, str(settings.twilio_api_url), sid, token) if sid and token else None,
        VoipmsFetcher(client, voipms_url, user, password, account, MOST_ANSWERED) if user and password else None,
    )


def _needed(fetcher: _Fetcher | None, settings: str) -> _Fetcher:
    if fetcher is None:
        raise NotPlayable(503, f"{settings} must be set to play this recording")
    return fetcher


def _as_event(recording: Row) -> RecordingReadyData:
    """What fetchers take: the event that said that the recording is ready."""
    names = ("provider", "recording_sid", "recording_url", "metadata")
    return RecordingReadyData.model_validate({name: recording[name] for name in names})
