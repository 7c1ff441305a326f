"""VoIP.ms' webhook about texts, in all its shapes: URL template, form, plain JSON, Telnyx-style JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from contracts.sms import SmsReceived, SmsReceivedData
from contracts.values import Media
from gateway.phone import normalised
from gateway.providers.base import Malformed, Parsed, RawRequest, VerifiedRequest
from gateway.providers.parameters import Parameters
from gateway.providers.voipms import telnyx
from gateway.providers.voipms.fields import PROVIDER, TOKEN, body_values, flat, moment, query_fields

_PLACEHOLDERS = frozenset({"{FROM}", "{TO}", "{MESSAGE}", "{ID}", "{TIMESTAMP}", "{MEDIA}", "{FILES}"})


def received(request: VerifiedRequest, *, zone: ZoneInfo) -> Parsed:
    """A patient's text or pictures."""
    fields = _fields(request.raw)
    if fields is None:
        return Parsed(ignored=f"not {telnyx.MESSAGE_RECEIVED}")
    given = Parameters(fields)
    date = given.peek("date")  # stays in the metadata: its zone is our reading of it
    sender, recipient = normalised(given.required("from")), normalised(given.required("to"))
    message, media = given.text("message"), given.read("media", _media) or ()
    time = moment(date, zone) if date else None
    sent = date if date and time else _minute(request.raw.received_at)
    data = SmsReceivedData(
        provider=PROVIDER,
        message_sid=_message_sid(given, message, media) or _fingerprint(sender, recipient, message, sent, media),
        from_number=sender,
        to_number=recipient,
        message=message,
        media=media,
        metadata=given.rest(),
    )
    return Parsed((request.event(SmsReceived, data, time=time),))


def _fields(raw: RawRequest) -> dict[str, str] | None:
    """Query and body as one, the body first; None when the body announces something else than a message.

    The "Webhook" setting of VoIP.ms does not fill in a template: its placeholders then arrive as they are written.
    """
    body: dict[str, Any] = body_values(raw)
    said = telnyx.message_fields(body) if telnyx.is_telnyx(body) else flat(body)
    if said is None:
        return None
    query = query_fields(raw.query)
    fields = {**_filled(query), **_filled(said)}
    fields.pop(TOKEN, None)
    needed = ("from", "to") if fields.get("media") else ("from", "to", "message")
    for name in needed:
        if name not in fields and any(_is_placeholder(name, source.get(name, "")) for source in (query, said)):
            raise Malformed(name, "is still a placeholder: this URL belongs into 'SMS URL Callback', not 'Webhook'")
    return fields


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if not _is_placeholder(name, value)}


def _is_placeholder(name: str, value: str) -> bool:
    """A patient may text any word, even another field's placeholder; the message's own looks like no message."""
    return value.strip() == "{MESSAGE}" if name == "message" else value.strip() in _PLACEHOLDERS


def _message_sid(given: Parameters, message: str, media: tuple[Media, ...]) -> str | None:
    """VoIP.ms numbers SMS and MMS apart, so an MMS' id says that it is one."""
    number = given.optional("id")
    if number is None:
        return None
    is_mms = (given.peek("type") or "").upper() == "MMS" or bool(media) or not message.strip()
    return f"mms-{number.strip()}" if is_mms else number.strip()


def _minute(received_at: datetime) -> str:
    # Not the day: the second STOP of STOP, START, STOP must count. Once `ok` was answered no repeat is due, so a
    # minute only has to cover one that is already under way. Where the stream stored a text but the answer was lost,
    # the repeat half an hour later counts as a new text: a text twice does less harm than one lost.
    return received_at.astimezone(UTC).isoformat(timespec="minutes")


def _fingerprint(sender: str, recipient: str, message: str, sent: str, media: tuple[Media, ...]) -> str:
    """An id for a text that came without one. `sent` is its date, or the minute of receipt without a readable one."""
    parts = [sender, recipient, message, sent, *(item.url for item in media)]
    return "h-" + sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _media(text: str) -> tuple[Media, ...] | None:
    """One URL or several separated by commas; or JSON's list of URLs or of objects with a `url`."""
    if not text.startswith("["):
        return tuple(Media(url=url.strip()) for url in text.split(",") if url.strip())
    try:
        items = [item.get("url") if isinstance(item, dict) else item for item in json.loads(text)]
    except (ValueError, RecursionError):
        return None
    return tuple(Media(url=url) for url in items if isinstance(url, str) and url and url not in _PLACEHOLDERS)
