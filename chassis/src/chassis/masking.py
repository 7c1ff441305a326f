"""Patients' numbers and our secrets, made safe to write down."""

import re

_INTERNATIONAL = re.compile(r"\+\d[\d\s().-]{5,18}\d")
_NORTH_AMERICAN = re.compile(r"(?<![\w.-])1?[ .-]?\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]?\d{4}(?![\w-])")
_SECRET_PARAMETER = re.compile(r"(?i)\b(token|secret|key|password|api_password|signature)=[^&;\s]+")
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


def mask_number(number: str | None) -> str:
    """`+12125550123` → `***0123`. Short codes and names of five characters or fewer stay as they are."""
    if not number:
        return ""
    return number if len(number) <= 5 else f"***{number[-4:]}"


def scrub(text: str) -> str:
    """`text` without phone numbers, credentials in URLs, and secret parameters: the net under every log line."""
    text = _USERINFO.sub("***@", text)
    text = _SECRET_PARAMETER.sub(lambda found: f"{found.group(1)}=***", text)
    text = _INTERNATIONAL.sub(lambda found: mask_number(found.group()), text)
    return _NORTH_AMERICAN.sub(lambda found: mask_number(found.group()), text)
