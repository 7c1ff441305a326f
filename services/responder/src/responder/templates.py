"""Reply templates: plain text with fields such as {phone}, which must fit one text message once they are filled."""

from collections.abc import Mapping
from string import Formatter

from responder import gsm7


def fill(template: str, fields: Mapping[str, str]) -> str:
    """The text with its fields. Only for templates in which `problem` found none."""
    return template.format_map(fields)


def problem(template: str, fields: Mapping[str, str]) -> str | None:
    """Why a template cannot be sent with `fields`; None when it can."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        return f"{error} (a brace that is meant as such is written twice)"
    for _, field, form, conversion in parts:
        if field is None:
            continue
        if field not in fields:
            return f"{{{field}}} is no field; there are {', '.join(f'{{{name}}}' for name in fields)}"
        if form or conversion:
            return f"{{{field}}} takes no formatting"
    return _unsendable(fill(template, fields))


def _unsendable(text: str) -> str | None:
    if foreign := gsm7.foreign(text):
        return f"has characters that a plain text message cannot carry: {' '.join(foreign)}"
    if (length := gsm7.length(text)) > gsm7.ONE_MESSAGE:
        return f"is {length} characters long once filled; {gsm7.ONE_MESSAGE} fit a text message"
    return None
