"""Templates: text with fields such as {phone}. A brace that is meant as such is written twice."""

from collections.abc import Collection, Mapping
from string import Formatter


def fill(template: str, fields: Mapping[str, str]) -> str:
    """The text with its fields. Only for templates in which `problem` found none."""
    return template.format_map(fields)


def fields_of(template: str) -> frozenset[str]:
    """The fields that a template names. Raises `ValueError` when its braces do not match."""
    return frozenset(field for _, field, _, _ in Formatter().parse(template) if field is not None)


def problem(template: str, fields: Collection[str]) -> str | None:
    """Why a template cannot be filled with `fields`; None when it can."""
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
    return None
