"""docs/openapi/*.json: the services' HTTP APIs as files, generated from the code so that they cannot lie."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gateway.openapi
import recorder.web

FOLDER = "docs/openapi"

APIS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "gateway": gateway.openapi.document,
    "recorder": recorder.web.openapi,
}


def _wanted(root: Path) -> dict[Path, str]:
    return {
        root / FOLDER / f"{name}.json": json.dumps(api(), indent=2, ensure_ascii=False) + "\n"
        for name, api in APIS.items()
    }


def write(root: Path) -> None:
    """Write the files below `root`."""
    for path, text in _wanted(root).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def stale(root: Path) -> list[str]:
    """The files that are not what the code says."""
    return [
        str(path.relative_to(root))
        for path, text in _wanted(root).items()
        if not path.exists() or path.read_text() != text
    ]
