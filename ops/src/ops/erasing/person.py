"""Who is to be forgotten: a number in any of the ways people and providers write it."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import phonenumbers
from phonenumbers import PhoneNumberFormat

_BETWEEN_DIGITS = "[ ()./\u00a0\u202f\u2010\u2011\u2012\u2013\u2014-]{0,3}"
"""With the spaces and dashes that telephones put there by themselves."""
_PARTIES = ("from_number", "to_number", "number")
_OURS = {
    "frontdesk.sms.received.v1": "to_number",
    "frontdesk.sms.sent.v1": "from_number",
    "frontdesk.notice.sent.v1": "from_number",
}
"""Where the practice's own number stands."""


class NotANumber(Exception):
    """What was given is no telephone number."""


@dataclass(frozen=True)
class Person:
    """A person, as far as telephones know one."""

    number: str
    """E.164."""
    pattern: str
    """Finds the number however it is written; means the same to Python and to Postgres."""

    @classmethod
    def of(cls, written: str) -> "Person":
        """`written` in any form; without a country code it is North American. Raises `NotANumber`."""
        try:
            parsed = phonenumbers.parse(written, "US")
        except phonenumbers.NumberParseException:
            raise NotANumber("not a telephone number") from None
        if not phonenumbers.is_possible_number(parsed):
            raise NotANumber("not a complete telephone number")
        digits = _BETWEEN_DIGITS.join(phonenumbers.national_significant_number(parsed))
        country = rf"(?:(?:(?:\+|00|011){_BETWEEN_DIGITS})?{parsed.country_code}{_BETWEEN_DIGITS})?"
        return cls(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), f"(?<![0-9]){country}{digits}(?![0-9])")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def is_in(self, body: bytes) -> bool:
        """Whether the number stands anywhere in `body`."""
        return self._expression.search(body.decode("utf-8", "replace")) is not None

    def is_party_to(self, event: dict[str, Any]) -> bool:
        """Whether the event is this person's own, rather than mentioning them."""
        return any(event["data"].get(name) == self.number for name in _PARTIES)

    def is_called_by(self, event: dict[str, Any]) -> bool:
        """Whether the event shows that patients call or text this number: it is the practice's."""
        name = _OURS.get(event["type"])
        return name is not None and event["data"].get(name) == self.number

    def fingerprint(self) -> dict[str, str]:
        """For the receipt: whoever knows the number can check it; trying out all numbers takes years, not seconds."""
        salt = secrets.token_bytes(16)
        made = hashlib.scrypt(self.number.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
        return {"scrypt_n16384_r8_p1": made.hex(), "salt": salt.hex()}


def event_in(body: bytes) -> dict[str, Any] | None:
    """The event in a message, as the database takes it; None when it is not one.

    It need not be valid: dead letters are about somebody, too.
    """
    try:
        event = json.loads(body.replace(b"\\u0000", b"\\ufffd"))
        json.dumps(event, ensure_ascii=False, allow_nan=False).encode()  # what Postgres takes for JSON, too
        return event if _can_be_asked_about(event) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _can_be_asked_about(event: dict[str, Any]) -> bool:
    """Whether it has what the database needs to know what the event is about. May raise when it has not."""
    data = event["data"]
    needed = [event["type"], data["provider"], *([data["in_reply_to_provider"]] if "in_reply_to" in data else [])]
    return str(UUID(event["id"])) == event["id"] and all(isinstance(each, str) for each in needed)
