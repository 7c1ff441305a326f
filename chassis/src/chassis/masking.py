"""Patients' numbers and our secrets, made safe to write down."""

import re

_INTERNATIONAL = re.compile(r"\+\d[\d\s().-]{5,18}\d")
_NORTH_AMERICAN = re.compile(r"(?<![\w.-])1?[ .-]?\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]?\d{4}(?![\w-])")
_SECRET_PARAMETER = re.compile(r"(?i)\b(token|secret|key|password|api_password|signature)=[^&;\s]+")
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TWILIO_ID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


def mask_number(number: str | None) -> str:
    """`+12125550123` → `***0123`. Short codes and names of five characters or fewer stay as they are."""
    if not number:
        return ""
    return number if len(number) <= 5 else f"***{number[-4:]}"


def mask_id(given: str) -> str:
    """A provider's id as it is. What no provider makes its ids of is not repeated: it may be a misplaced text."""
    if _TWILIO_ID.fullmatch(given):  # one word: no number stands in it alone
        return given
    return scrub(given) if _ID.fullmatch(given) else "(no id)"


def scrub(text: str) -> str:
    """`text` without phone numbers, credentials in URLs, and secret parameters: the net under every log line."""
    text = _USERINFO.sub("***@", text)
    text = _SECRET_PARAMETER.sub(lambda found: f"{found.group(1)}=***", text)
    text = _INTERNATIONAL.sub(lambda found: mask_number(found.group()), text)
    return _NORTH_AMERICAN.sub(lambda found: mask_number(found.group()), text)
