"""Phone numbers as people read and dial them."""

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat

from contracts.values import is_e164

_WITHHELD = frozenset({"anonymous", "restricted", "private", "unavailable", "unknown", "withheld"})


@dataclass(frozen=True)
class Party:
    """Whom a call or text is from or to. Only ever a number: no name is known that the patient did not give."""

    shown: str
    dial: str | None
    """For a `tel:` link; None when the number cannot be called."""
    number: str
    """As stored, for links to everything about it; empty when unknown."""


@lru_cache(maxsize=4096)
def party(number: str | None) -> Party:
    """The number the way it is written where it belongs: national for +1, international for others."""
    if not number:
        return Party("Unknown number", None, "")
    if number.lower().removeprefix("+") in _WITHHELD:
        return Party("Withheld number", None, number)
    if not is_e164(number):
        return Party(number, number if number.isdigit() else None, number)
    return Party(_written(number), number, number)


def _written(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    national = parsed.country_code == 1
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, form))
