"""Phone numbers as events carry them."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

_NORTH_AMERICAN = re.compile(r"\+1[2-9][0-9]{9}")
"""Already what we make of numbers. Almost all are, and the library takes longer for one than a webhook may cost."""
_WRITTEN_AS_NUMBER = re.compile(r"\+?[\d\s().-]+")


def normalised(number: str, *, region: str = "US") -> str:
    """E.164 where it can be; otherwise as received, without surrounding space.

    Short codes, `anonymous`, `client:…` and SIP URIs stay what they are. A number counts by its length, not by tables
    of area codes: those are always behind, and a patient with a new one would never get an answer.
    """
    number = number.strip()
    if _NORTH_AMERICAN.fullmatch(number):
        return number
    if not _WRITTEN_AS_NUMBER.fullmatch(number):
        return number
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
