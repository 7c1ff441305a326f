"""From a field's annotation to valid values, so that a new event or field needs no strategy of its own."""

import types
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from contracts.testing.contents import numbers, texts
from contracts.values import PhoneNumber

MOST = 2**31 - 1
"""The largest whole number where the contracts set no limit: what a 32-bit column holds."""

ModelT = TypeVar("ModelT", bound=BaseModel)

_PHONE = get_args(PhoneNumber)[1]

_ZONES = [UTC, *(timezone(timedelta(minutes=offset)) for offset in (-570, -300, 345, 840))]


def moments() -> st.SearchStrategy[datetime]:
    """Times of this century, with whatever offset and precision."""
    first, last = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
    return st.datetimes(first.replace(tzinfo=None), last.replace(tzinfo=None), timezones=st.sampled_from(_ZONES))


def models(model: type[ModelT]) -> st.SearchStrategy[ModelT]:
    """Valid instances of `model`: every optional field is sometimes absent."""
    hints = get_type_hints(model, include_extras=True)
    fields = {name: values(hints[name]) for name in model.model_fields}
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    return st.fixed_dictionaries(
        {name: strategy for name, strategy in fields.items() if name in required},
        optional={name: strategy for name, strategy in fields.items() if name not in required},
    ).map(model.model_validate)


def values(annotation: Any, rules: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Valid values of a field. Raises `TypeError` for an annotation that this module has not been taught.

    `rules`: what is said around the annotation; of a union, they hold for every member that they can apply to.
    """
    base, own = _taken_apart(annotation)
    rules = (*own, *rules)
    if get_origin(base) in (Union, types.UnionType):
        return st.one_of([values(member, rules) for member in get_args(base)])
    if get_origin(base) is Literal:
        return st.sampled_from(get_args(base))
    if get_origin(base) is tuple:
        return st.lists(values(get_args(base)[0]), max_size=3).map(tuple)
    if get_origin(base) is dict:
        return st.dictionaries(*(values(part) for part in get_args(base)), max_size=5)
    if isinstance(base, type) and issubclass(base, StrEnum):
        return st.sampled_from(list(base))
    if isinstance(base, type) and issubclass(base, BaseModel):
        return models(base)
    return _plain(base, rules)


def _plain(base: Any, rules: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    plain: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
        str: lambda: _strings(rules),
        int: lambda: _whole_numbers(_rule(rules, "ge", 0), _rule(rules, "le", MOST)),
        float: lambda: _fractions(float(_rule(rules, "ge", 0)), float(_rule(rules, "le", MOST))),
        bool: st.booleans,
        type(None): st.none,
        UUID: st.uuids,
        AwareDatetime: moments,
    }
    if base not in plain:
        raise TypeError(f"contracts.testing.drawing cannot draw {base!r} yet: teach it in _plain")
    return plain[base]()


def _whole_numbers(least: int, most: int) -> st.SearchStrategy[int]:
    return st.sampled_from((least, most)) | st.integers(least, most)


def _fractions(least: float, most: float) -> st.SearchStrategy[float]:
    return st.sampled_from((least, most)) | st.floats(least, most)


def _strings(rules: tuple[Any, ...]) -> st.SearchStrategy[str]:
    pattern = _rule(rules, "pattern", None)
    if pattern is not None:
        return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    least, most = _rule(rules, "min_length", 0), _rule(rules, "max_length", None)
    return numbers(least, most) if any(rule is _PHONE for rule in rules) else texts(least, most)


def _taken_apart(annotation: Any) -> tuple[Any, list[Any]]:
    """The bare type, and everything that `Annotated` and `Field` say about it."""
    if get_origin(annotation) is not Annotated:
        return annotation, []
    base, *extras = get_args(annotation)
    return base, [rule for extra in extras for rule in (extra, *getattr(extra, "metadata", ()))]


def _rule(rules: tuple[Any, ...], name: str, otherwise: Any) -> Any:
    """What the first rule of that name says, e.g. `max_length`."""
    return next((found for rule in rules if (found := getattr(rule, name, None)) is not None), otherwise)
