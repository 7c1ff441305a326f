"""Whether a changed schema can break somebody: a released one compared with today's. Pure.

Services deploy on different days, so both directions count: a consumer built against the release reads what is
published today, and today's consumer reads what was published before (streams keep a month). Only additions pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.values import EXTENSIBLE

Schema = Mapping[str, Any]

_WORDS = frozenset({"$schema", "$id", "title", "description", "examples", "$defs", "$comment", "deprecated"})
"""Keywords that say something to people and refuse nothing."""

_STRUCTURE = frozenset({"$ref", "properties", "required", "items", "anyOf", "additionalProperties", EXTENSIBLE})
"""Keywords compared by a rule of their own; every other one must stay as it is."""


@dataclass(frozen=True)
class Break:
    """One change that can break somebody. `place` is a path such as `data.from_number`, empty for the whole message."""

    message: str
    place: str
    what: str
    who: str

    def __str__(self) -> str:
        place = f" {self.place}" if self.place else ""
        return f"{self.message}:{place} {self.what}: {self.who}"


def breaks(
    released: Mapping[str, Schema], current: Mapping[str, Schema], consumers: Mapping[str, Sequence[str]]
) -> list[Break]:
    """Every breaking change between two sets of schemas, by type name. `consumers` names who reads a message."""
    found: list[Break] = []
    for name, old in released.items():
        readers = " and ".join(consumers.get(name, ())) or "consumers"
        if name not in current:
            found.append(Break(name, "", "was removed", f"{readers} built before wait for it in vain"))
            continue
        found += _Comparison(name, readers, old, current[name]).run()
    return found


class _Comparison:
    """Of one message's two schemas."""

    def __init__(self, name: str, readers: str, old: Schema, new: Schema) -> None:
        self._name = name
        self._before = f"{readers} built before"
        self._today = f"{readers} of today"
        self._old, self._new = old, new

    def run(self) -> list[Break]:
        return list(self._nodes("", self._old, self._new))

    def _break(self, place: str, what: str, who: str) -> Break:
        return Break(self._name, place, what, who)

    def _nodes(self, place: str, old: Any, new: Any) -> Iterator[Break]:
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        yield from self._keywords(place, old, new)
        yield from self._words(place, old, new)
        yield from self._properties(place, old, new)
        yield from self._required(place, old, new)
        for keyword, suffix in (("items", "[]"), ("additionalProperties", ".*")):
            yield from self._inner(place + suffix, old.get(keyword), new.get(keyword))
        yield from self._alternatives(place, old.get("anyOf", []), new.get("anyOf", []))

    def _keywords(self, place: str, old: Schema, new: Schema) -> Iterator[Break]:
        """Types, constants, formats, limits: tighter refuses what was published, looser publishes what was refused."""
        for keyword in sorted((set(old) | set(new)) - _WORDS - _STRUCTURE):
            before, now = old.get(keyword), new.get(keyword)
            if before == now:
                continue
            if keyword == "type":
                what, who = f"changed its type from {before} to {now}", f"{self._before} cannot read it"
            elif before is None:
                what, who = f"is now limited by {keyword} {now}", f"{self._today} refuse what was published before"
            elif now is None:
                what, who = f"is no longer limited by {keyword} {before}", f"{self._before} refuse what it now may be"
            else:
                what = f"changed {keyword} from {before} to {now}"
                who = f"{self._before}, or of today, refuse what the other accepts"
            yield self._break(place, what, who)

    def _words(self, place: str, old: Schema, new: Schema) -> Iterator[Break]:
        """An open list of words may grow. It may not shrink, nor be closed."""
        if EXTENSIBLE not in old:
            return
        if EXTENSIBLE not in new:
            yield self._break(place, "is no longer an open list of words", f"{self._before} decide by its words")
            return
        for word in old[EXTENSIBLE]:
            if word not in new[EXTENSIBLE]:
                yield self._break(place, f"lost the word {word!r}", f"{self._before} decide by it")

    def _properties(self, place: str, old: Schema, new: Schema) -> Iterator[Break]:
        today = new.get("properties", {})
        for name, schema in old.get("properties", {}).items():
            inner = f"{place}.{name}".lstrip(".")
            if name in today:
                yield from self._nodes(inner, schema, today[name])
            else:
                yield self._break(inner, "was removed or renamed", f"{self._before} read it")

    def _required(self, place: str, old: Schema, new: Schema) -> Iterator[Break]:
        before, now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(now - before):
            who = f"{self._today} refuse events published before"
            yield self._break(f"{place}.{name}".lstrip("."), "became required", who)
        for name in sorted(before - now):
            if name in new.get("properties", {}):
                yield self._break(f"{place}.{name}".lstrip("."), "became optional", f"{self._before} rely on it")

    def _inner(self, place: str, old: Any, new: Any) -> Iterator[Break]:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self._nodes(place, old, new)
        elif old != new:
            yield self._break(place, "changed what it may contain", f"{self._before} cannot read it")

    def _alternatives(self, place: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Break]:
        if len(old) != len(new):
            yield self._break(place, "changed its alternatives", f"{self._before} cannot read them")
            return
        for before, now in zip(old, new, strict=True):
            yield from self._nodes(place, before, now)


def _resolved(node: Any, root: Schema) -> dict[str, Any]:
    """`node` with its reference into `root` followed; what stands beside a reference counts too."""
    if not isinstance(node, Mapping):
        return {}
    target = node.get("$ref", "")
    if not target.startswith("#/$defs/"):
        return dict(node)
    definition = _resolved(root["$defs"][target.removeprefix("#/$defs/")], root)
    return {**definition, **{key: value for key, value in node.items() if key != "$ref"}}
