"""Which texts Twilio takes: the checks of POST Messages.json, in their order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from simulator.twilio.errors import TwilioError

LONGEST = 1600
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_MOST_MEDIA = 10
_ALWAYS_INVALID = "+15005550001"
"""Twilio's magic number for an invalid recipient."""


@dataclass(frozen=True)
class NewText:
    """A text that passed the checks."""

    to_number: str
    from_number: str
    message: str
    media_urls: tuple[str, ...]
    status_callback: str | None
    messaging_service_sid: str | None


def check(parameters: Sequence[tuple[str, str]], number: str) -> NewText:
    """The text that `parameters` ask for, from the account's only `number`. Raises `TwilioError`."""
    fields = dict(parameters)
    media = tuple(value for name, value in parameters if name == "MediaUrl")
    new = NewText(
        to_number=fields.get("To", ""),
        from_number=fields.get("From", ""),
        message=fields.get("Body", ""),
        media_urls=media,
        status_callback=fields.get("StatusCallback") or None,
        messaging_service_sid=fields.get("MessagingServiceSid") or None,
    )
    code = _numbers(new, number) or _content(new)
    if code:
        raise TwilioError(code)
    return new if new.from_number else replace(new, from_number=number)


def _numbers(new: NewText, number: str) -> int | None:
    if not new.to_number:
        return 21604
    if not _E164.fullmatch(new.to_number) or new.to_number == _ALWAYS_INVALID:
        return 21211
    if not new.from_number:
        service = new.messaging_service_sid
        return None if service and _SERVICE.fullmatch(service) else 21603
    if not _E164.fullmatch(new.from_number):
        return 21212
    return None if new.from_number == number else 21606


def _content(new: NewText) -> int | None:
    if not new.message and not new.media_urls:
        return 21602
    if len(new.message) > LONGEST:
        return 21617
    if len(new.media_urls) > _MOST_MEDIA:
        return 21623
    if not all(_absolute(url) for url in new.media_urls):
        return 21620
    return 21609 if new.status_callback and not _absolute(new.status_callback) else None


def _absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
