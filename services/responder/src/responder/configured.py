"""What the responder works with, as its settings say: the practice, the providers, the language model."""

from collections.abc import Collection

import httpx

from chassis import logs
from chassis.settings import SettingsError
from responder.practice.errors import PracticeError
from responder.practice.loading import DEFAULT_FILE, load, load_default
from responder.practice.model import Practice
from responder.senders.twilio import Twilio
from responder.senders.voipms import VoipMs
from responder.senders.watched import Watched
from responder.settings import ResponderSettings
from responder.understanding.remote import Remote

log = logs.get(__name__)


def practice_of(settings: ResponderSettings) -> Practice:
    """The practice file: the one that was named, or else the usual one. Raises `SettingsError`."""
    named = "practice_file" in settings.model_fields_set
    if not named and not DEFAULT_FILE.exists():
        log.warning("there is no practice file: an invented practice answers", missing=str(DEFAULT_FILE.absolute()))
    try:
        return load(settings.practice_file) if named else load_default()
    except PracticeError as error:
        raise SettingsError([f"PRACTICE_FILE: {problem}" for problem in error.problems]) from error


def senders_of(settings: ResponderSettings, http: httpx.AsyncClient) -> dict[str, Watched]:
    """The providers whose credentials are set, by the name that events carry."""
    senders: dict[str, Watched] = {}
    if settings.twilio_account_sid and settings.twilio_auth_token:
        twilio = Twilio(
            http,
            api_url=settings.twilio_api_url,
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            status_callback=settings.status_callback,
        )
        senders["twilio"] = Watched("twilio", twilio)
    if settings.voipms_username and settings.voipms_password:
        voipms = VoipMs(
            http,
            api_url=settings.voipms_api_url,
            username=settings.voipms_username,
            password=settings.voipms_password.get_secret_value(),
        )
        senders["voipms"] = Watched("voipms", voipms)
    return senders


def numbers_of(settings: ResponderSettings, senders: Collection[str]) -> dict[str, str]:
    """Our number at each provider that we can send by."""
    return {provider: number for provider, number in settings.numbers.items() if provider in senders}


def remote_of(settings: ResponderSettings, http: httpx.AsyncClient) -> Remote | None:
    """The language model that unclear texts are shown to, where one is configured."""
    if not settings.understanding_api_url or not settings.understanding_model:
        return None
    key = settings.understanding_api_key
    return Remote(
        http, settings.understanding_api_url, settings.understanding_model, key.get_secret_value() if key else None
    )
