"""The form of a Twilio request, read strictly from the raw body: blanks kept, nothing trimmed, repeats kept."""

from urllib.parse import parse_qsl

from gateway.providers.base import NotAuthentic, RawRequest

MAX_PARAMETERS = 1_000
"""Twilio sends a few dozen; a form with more is not read, since that is work done for a sender not yet believed."""


def is_form(raw: RawRequest) -> bool:
    """Whether the body is a form; everything else is covered by its hash instead of its parameters."""
    return raw.media_type == "application/x-www-form-urlencoded"


def pairs(raw: RawRequest) -> list[tuple[str, str]]:
    """Names and values in order; none when the body is no form. Bytes that are not UTF-8 become U+FFFD.

    Raises `NotAuthentic` for more than `MAX_PARAMETERS`.
    """
    if not is_form(raw):
        return []
    text = raw.body.decode("utf-8", "replace")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)
    except ValueError:  # it raises nothing else
        raise NotAuthentic(f"more than {MAX_PARAMETERS} parameters") from None
