"""Which provider's recordings are fetched how. A new provider is one entry here."""

from collections.abc import Callable, Mapping

import httpx

from chassis.recordings.port import Fetcher
from chassis.recordings.settings import RecordingSettings
from chassis.recordings.twilio import TwilioFetcher
from chassis.recordings.voipms import VoipmsFetcher


def fetchers(settings: RecordingSettings, client: httpx.AsyncClient) -> Mapping[str, Fetcher]:
    """By provider, those we have credentials for."""
    made = {provider: make(settings, client) for provider, make in _PROVIDERS.items()}
    return {provider: fetcher for provider, fetcher in made.items() if fetcher}


def _twilio(settings: RecordingSettings, client: httpx.AsyncClient) -> Fetcher | None:
    token = settings.twilio_auth_token.get_secret_value()
    if not settings.twilio_account_sid or not token:
        return None
    return TwilioFetcher(client, str(settings.twilio_api_url), settings.twilio_account_sid, token)


def _voipms(settings: RecordingSettings, client: httpx.AsyncClient) -> Fetcher | None:
    username, password = settings.voipms_username, settings.voipms_password.get_secret_value()
    if not username or not password:
        return None
    return VoipmsFetcher(client, str(settings.voipms_api_url), username, password, settings.voipms_account or username)


_PROVIDERS: Mapping[str, Callable[[RecordingSettings, httpx.AsyncClient], Fetcher | None]] = {
    "twilio": _twilio,
    "voipms": _voipms,
}
