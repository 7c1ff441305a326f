"""The form of a Twilio request, read strictly from the raw body: blanks kept, nothing trimmed, repeats kept."""

from urllib.parse import parse_qsl

from gateway.providers.base import RawRequest


def is_form(raw: RawRequest) -> bool:
    """Whether the body is a form; everything else is covered by its hash instead of its parameters."""
    return raw.media_type == "application/x-www-form-urlencoded"


def pairs(raw: RawRequest) -> list[tuple[str, str]]:
    """Names and values in order; none when the body is no form. Bytes that are not UTF-8 become U+FFFD."""
    if not is_form(raw):
        return []
    return parse_qsl(raw.body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
