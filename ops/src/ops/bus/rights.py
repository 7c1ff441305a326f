"""docs/rights.md: the rights matrix as tables, from what a real server let each user do."""

from collections.abc import Iterable
from pathlib import Path

from ops.bus.operations import Operation, operations
from ops.bus.permissions import SERVICES
from ops.bus.probing import Rights

PAGE = Path("docs/rights.md")
_BEGIN, _END = "<!-- generated: frontdesk nats rights --write -->", "<!-- end of generated part -->"


def markdown(rights: Rights) -> str:
    """What each service may do, and what none of them may."""
    tried = operations()
    for_nobody = [each for each in tried if not any(each in rights[service] for service in SERVICES)]
    return (
        f"### What each service may do\n\n| deed | on | {' | '.join(SERVICES)} |\n|---|---|{'---|' * len(SERVICES)}\n"
        + "".join(_row(each, rights) for each in tried if each not in for_nobody)
        + "\n### What no service may do\n\n| deed | on |\n|---|---|\n"
        + "".join(f"| {deed} | {on} |\n" for deed, on in _by_deed(for_nobody))
    )


def _row(operation: Operation, rights: Rights) -> str:
    marks = ("yes" if operation in rights[service] else "" for service in SERVICES)
    return f"| {_shown(operation.deed)} | `{operation.on}` | {' | '.join(marks)} |\n"


def _by_deed(tried: Iterable[Operation]) -> list[tuple[str, str]]:
    """Deeds with all they are done to; deeds done to the same things share a line."""
    things: dict[str, list[str]] = {}
    for operation in tried:
        things.setdefault(_shown(operation.deed), []).append(f"`{operation.on}`")
    deeds: dict[str, list[str]] = {}
    for deed, on in things.items():
        deeds.setdefault(", ".join(on), []).append(deed)
    return [(", ".join(names), on) for on, names in deeds.items()]


def _shown(deed: str) -> str:
    return f"`{deed}`" if deed.startswith("$") else deed


def page(text: str, rights: Rights) -> str:
    """The page `text` with its generated part made anew."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{markdown(rights)}\n{_END}{after}"
