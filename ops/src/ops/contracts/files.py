"""The contracts as files: generated, checked in, compared with what was released."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.commands import VoiceTurnReply, VoiceTurnRequest
from contracts.compatibility import Break, breaks
from contracts.registry import EVENTS
from contracts.schemas import COMMANDS, documents, examples, type_names
from contracts.topology import consumers_of
from ops.contracts.asyncapi_files import rendered

SCHEMAS, EXAMPLES, RELEASED, ASYNCAPI = "schemas", "examples", "released", "asyncapi.yaml"


class AlreadyReleased(Exception):
    """The version is frozen; a release is never changed."""


class Incompatible(Exception):
    """Today's contracts would break somebody; `found` says whom."""

    def __init__(self, found: list[Break]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.found = found


def wanted() -> dict[str, str]:
    """Every generated file below contracts/, as it should be."""
    files = {f"{SCHEMAS}/{name}": _text(schema) for name, schema in documents().items()}
    for name, model in type_names().items():
        for number, example in enumerate(examples(model), start=1):
            files[f"{EXAMPLES}/{name}/{number}.json"] = _text(example)
    return {**files, ASYNCAPI: rendered()}


def write(root: Path) -> None:
    """Write all of them below `root`, and remove what is no longer generated."""
    for folder in (SCHEMAS, EXAMPLES):
        shutil.rmtree(root / folder, ignore_errors=True)
    for name, text in wanted().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def drifted(root: Path) -> list[str]:
    """Files that are missing, superfluous, or not what the code says."""
    files = wanted()
    there = {str(path.relative_to(root)) for folder in (SCHEMAS, EXAMPLES) for path in (root / folder).rglob("*.json")}
    stale = {name for name, text in files.items() if not (root / name).exists() or (root / name).read_text() != text}
    return sorted(stale | (there - set(files)))


def releases(root: Path) -> list[Path]:
    """Released versions, oldest first."""
    found = [path for path in (root / RELEASED).glob("*") if path.is_dir()]
    return sorted(found, key=lambda path: _version(path.name))


def incompatible(root: Path) -> list[Break]:
    """What today's contracts would break of any released version."""
    current = {name.removesuffix(".json"): schema for name, schema in documents().items()}
    found = [one for release in releases(root) for one in breaks(_schemas(release), current, consumers())]
    return list(dict.fromkeys(found))


def release(root: Path, version: str) -> Path:
    """Freeze today's contracts as `version`. Raises `AlreadyReleased`, `Incompatible`, or `ValueError`."""
    _version(version)
    target = root / RELEASED / version
    if target.exists():
        raise AlreadyReleased(f"{version} is released already: {target}")
    if found := incompatible(root):
        raise Incompatible(found)
    for name, text in wanted().items():
        if name != ASYNCAPI:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text)
    return target


def consumers() -> dict[str, list[str]]:
    """Which services read each message."""
    events = {event.type_name(): [one.service for one in consumers_of(event.bus_subject)] for event in EVENTS}
    request, reply = (
        next(name for name, known in COMMANDS.items() if known is m) for m in (VoiceTurnRequest, VoiceTurnReply)
    )
    return {**events, request: [VoiceTurnRequest.answered_by], reply: [VoiceTurnRequest.asked_by]}


def _schemas(release: Path) -> dict[str, Mapping[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in (release / SCHEMAS).glob("*.json")}


def _version(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise ValueError(f"{text!r} is no version: three numbers with dots, such as 1.0.0")
    return tuple(map(int, parts))


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
