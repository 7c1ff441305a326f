"""The named values of a VoIP.ms request, wherever it put them, and how they are written."""

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.edge import urlencoded
from gateway.edge.urlencoded import MAX_PARAMETERS
from gateway.providers.base import Malformed, RawRequest
from gateway.providers.parameters import utc

PROVIDER = "voipms"

TOKEN = "token"  # noqa: S105 - the name of the parameter
"""Our own secret: no part of what a request says."""


class TooManyParameters(Malformed):
    """More than any provider sends."""

    def __init__(self) -> None:
        super().__init__("parameters", f"are more than {MAX_PARAMETERS}")


_SEMICOLON = re.compile(r";(?=(?:to|from|message|id|date|media|token)=)")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


def query_pairs(query: str) -> list[tuple[str, str]]:
    """A URL template's parameters. Templates separate them with `&`, with `;`, or with both.

    Beside `&`, a `;` separates only where one of our parameters follows: VoIP.ms fills the template in, and a message
    may hold anything. Raises `TooManyParameters`.
    """
    return _pairs(_SEMICOLON.sub("&", query) if "&" in query else query.replace(";", "&"))


def query_fields(query: str) -> dict[str, str]:
    """The same by name; the last one wins where a name is repeated."""
    return dict(query_pairs(query))


def body_values(raw: RawRequest) -> dict[str, Any]:
    """The body's JSON object or form; empty without a body. Raises `Malformed` for broken JSON.

    Numbers stay the text they were. JSON is recognised by its first character too: some senders call it a form.
    """
    if not raw.body.strip():
        return {}
    if "json" not in raw.media_type and not raw.body.lstrip().startswith(b"{"):
        return dict(_pairs(raw.body.decode("utf-8", "replace")))
    try:
        values = json.loads(raw.body.decode("utf-8-sig", "replace"), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise Malformed("body", "is not valid JSON") from None
    if not isinstance(values, dict):
        raise Malformed("body", "is not a JSON object")
    return values


def flat(values: dict[str, Any]) -> dict[str, str]:
    """Every value as text: JSON's null is absent, what is nested stays JSON. Raises `Malformed` for deep nesting."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def all_fields(raw: RawRequest) -> dict[str, str]:
    """Query and body as one; the body wins where it has the field."""
    fields = {**query_fields(raw.query), **flat(body_values(raw))}
    fields.pop(TOKEN, None)
    return fields


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A time in UTC, from `2026-09-07 10:20:46` in `zone` or from an ISO 8601 time with its own offset."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return utc(time if time.tzinfo else time.replace(tzinfo=zone))


def decimal(text: str) -> str | None:
    """An amount, as it was written."""
    return text if _DECIMAL.fullmatch(text) else None


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return urlencoded.pairs(text)
    except urlencoded.TooManyParameters:
        raise TooManyParameters from None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value)
    except RecursionError:  # what could just be read may be too deep to write
        raise Malformed("body", "is nested too deeply") from None
