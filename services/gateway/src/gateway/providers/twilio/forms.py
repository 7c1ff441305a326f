"""The named values of a Twilio request, read strictly: blanks kept, nothing trimmed, repeats kept."""

from gateway.edge.urlencoded import MAX_PARAMETERS, Pairs, TooManyParameters
from gateway.edge.urlencoded import pairs as read
from gateway.providers.base import FORM, NotAuthentic, RawRequest, Refusal


def is_form(raw: RawRequest) -> bool:
    """Whether the body is a form; everything else is covered by its hash instead of its parameters."""
    return raw.media_type == FORM


def pairs(raw: RawRequest) -> Pairs:
    """The form's names and values in order; none when the body is no form.

    Raises `NotAuthentic` for more than `MAX_PARAMETERS`.
    """
    try:
        return raw.form if is_form(raw) else []
    except TooManyParameters:
        raise _too_many() from None


def query_pairs(raw: RawRequest) -> Pairs:
    """The query's names and values in order. Raises `NotAuthentic` for more than `MAX_PARAMETERS`."""
    try:
        return read(raw.query)
    except TooManyParameters:
        raise _too_many() from None


def _too_many() -> NotAuthentic:
    return NotAuthentic(Refusal.TOO_MANY_PARAMETERS, f"more than {MAX_PARAMETERS} parameters")
