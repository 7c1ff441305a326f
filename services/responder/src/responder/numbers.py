"""Phone numbers as the responder compares and dials them."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from contracts.values import is_e164

WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""What carriers put in place of a withheld number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE, keyed on a
telephone (Twilio docs: "Anonymous callers"). They look like E.164 and belong to nobody."""


def e164(written: str) -> str | None:
    """A number as people write it, in E.164: `(212) 555-0100` → `+12125550100`. None when it is no such number.

    Without a `+` it is taken as North American.
    """
    digits = "".join(character for character in written if character.isdecimal() and character.isascii())
    if not written.strip().startswith("+"):
        if len(digits) == 11 and digits.startswith("1"):
            digits = digits[1:]
        if len(digits) != 10:
            return None
        digits = f"1{digits}"
    number = f"+{digits}"
    return number if is_e164(number) else None


def _is_phone(written: str) -> str:
    if e164(written) is None:
        raise ValueError("is no phone number (ten digits, or +country code)")
    return written


Phone = Annotated[str, AfterValidator(_is_phone)]
"""A number in a setting or in the practice file, kept as it is written."""


def ten_digits(number: str) -> str | None:
    """`+12125550100` → `2125550100`; None when it lies outside North America."""
    return number[2:] if is_e164(number) and number.startswith("+1") and len(number) == 12 else None


def is_textable(number: str) -> bool:
    """Whether somebody can read a text sent to `number`: no short code, no name, nobody withheld."""
    return is_e164(number) and number not in WITHHELD


def all_e164(written: Iterable[str | None]) -> frozenset[str]:
    """Those of `written` that are phone numbers."""
    return frozenset(number for one in written if one and (number := e164(one)))


def key_of(number: str) -> str:
    """A bucket's key for `number`. Keys appear in server logs and listings: no number stands in them.

    No protection against guessing.
    """
    return hashlib.sha256(number.encode()).hexdigest()[:32]
