"""Who is to be forgotten: a number in any of the ways people and providers write it."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberFormat

_BETWEEN_DIGITS = "[ ().-]{0,2}"
_PARTIES = ("from_number", "to_number", "number")


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
        country = rf"(?:\+?{parsed.country_code}{_BETWEEN_DIGITS})?"
        return cls(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), f"(?<![0-9]){country}{digits}(?![0-9])")

    @cached_property
    def _expression(self) -> re.Pattern[bytes]:
        return re.compile(self.pattern.encode())

    def is_in(self, body: bytes) -> bool:
        """Whether the number stands anywhere in `body`."""
        return self._expression.search(body) is not None

    def is_party_to(self, event: dict[str, Any]) -> bool:
        """Whether the event is this person's own, rather than mentioning them."""
        return any(event["data"].get(name) == self.number for name in _PARTIES)

    def fingerprint(self) -> dict[str, str]:
        """For the receipt: whoever knows the number can check it; trying out all numbers takes years, not seconds."""
        salt = secrets.token_bytes(16)
        made = hashlib.scrypt(self.number.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
        return {"scrypt_n16384_r8_p1": made.hex(), "salt": salt.hex()}


def event_in(body: bytes) -> dict[str, Any] | None:
    """The event in a message, as the database takes it; None when it is not one."""
    from contracts import UnknownEvent, decode_event

    try:
        if isinstance(decode_event(body), UnknownEvent):
            return None
    except ValueError:
        return None
    event: dict[str, Any] = json.loads(body.replace(b"\\u0000", b"\\ufffd"))
    return event
