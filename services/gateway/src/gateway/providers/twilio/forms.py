"""The named values of a Twilio request, read strictly: blanks kept, nothing trimmed, repeats kept."""

from gateway.edge.urlencoded import MAX_PARAMETERS, Form, Pairs, TooManyParameters, pairs
from gateway.providers.base import FORM, NotAuthentic, RawRequest, Refusal


def is_form(raw: RawRequest) -> bool:
    """Whether the body is a form; everything else is covered by its hash instead of its parameters."""
    return raw.media_type == FORM


_NONE = Form({})


def form(raw: RawRequest) -> Form:
    """The form; an empty one when the body is none.

    Raises `NotAuthentic` for more than `MAX_PARAMETERS`.
    """
    try:
        return raw.form if is_form(raw) else _NONE
    except TooManyParameters:
        raise _too_many() from None


def query_pairs(raw: RawRequest) -> Pairs:
    """The query's names and values in order. Raises `NotAuthentic` for more than `MAX_PARAMETERS`."""
    try:
        return pairs(raw.query)
    except TooManyParameters:
        raise _too_many() from None


def _too_many() -> NotAuthentic:
    return NotAuthentic(Refusal.TOO_MANY_PARAMETERS, f"more than {MAX_PARAMETERS} parameters")
