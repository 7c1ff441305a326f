"""Write or check the lock in requirements/: pinned, hashed, without URLs; one file per service, one for development.

    python scripts/lock.py write     # resolve with what is pinned now; only what no longer fits moves
    python scripts/lock.py upgrade   # resolve anew
    python scripts/lock.py check     # fail when a pyproject.toml and the lock disagree

uv.lock records the address of the index it was made with, so it is not kept in git: it is made again from the exported
pins, which then act as constraints.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements"
UV = Path(sys.executable).parent / "uv"
EXPORTS = {
    "gateway": ["--package", "frontdesk-gateway", "--no-dev"],
    "recorder": ["--package", "frontdesk-recorder", "--no-dev"],
    "responder": ["--package", "frontdesk-responder", "--no-dev"],
    "transcriber": ["--package", "frontdesk-transcriber", "--no-dev"],
    "ops": ["--package", "frontdesk-ops", "--no-dev"],
    "simulator": ["--package", "frontdesk-simulator", "--no-dev"],
    "development": ["--all-packages", "--all-extras", "--no-extra", "adapting", "--all-groups"],
}


def pins(directory: Path) -> list[str]:
    """Every `name==version ; marker` of the development lock, which holds all the others."""
    file = directory / "development.txt"
    return re.findall(r"^[A-Za-z0-9._-]+==[^\\\n]+?(?= \\|$)", file.read_text(), re.MULTILINE) if file.exists() else []


def resolve(target: Path, constraints: list[str]) -> None:
    """Resolve a copy of the workspace under `constraints` and export it into `target`."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for manifest in [
            ROOT / "pyproject.toml",
            *ROOT.glob("*/pyproject.toml"),
            *ROOT.glob("services/*/pyproject.toml"),
        ]:
            place = copy / manifest.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(manifest, place)
        quoted = ",\n".join(f'    "{pin}"' for pin in constraints)  # markers are quoted with single quotes
        root = copy / "pyproject.toml"
        root.write_text(
            root.read_text().replace("[tool.uv]\n", f"[tool.uv]\nconstraint-dependencies = [\n{quoted}\n]\n", 1)
        )
        uv(copy, "lock", "--quiet")
        for name, selection in EXPORTS.items():
            uv(copy, "export", "--quiet", "--frozen", "--no-emit-workspace", "--no-header", "--no-annotate",
               *selection, "--output-file", str(target / f"{name}.txt"))  # fmt: skip
    (target / "bootstrap.txt").write_text(entry("uv", (target / "development.txt").read_text()))


def entry(name: str, requirements: str) -> str:
    """One package's pin with its hashes."""
    found = re.search(rf"^{name}==.*?(?=^\S|\Z)", requirements, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{name} is not in requirements/development.txt")
    return found.group()


def uv(where: Path, *args: str) -> None:
    subprocess.run([UV, *args], cwd=where, check=True, stdout=subprocess.DEVNULL)


def without_hashes(text: str) -> str:
    """Versions and markers only: a wheel that its author adds later to a pinned version is no drift."""
    return re.sub(r" \\\n    --hash=\S+", "", text)


def check() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        resolve(fresh, pins(LOCK))
        stale = [
            name
            for name in [*EXPORTS, "bootstrap"]
            if not (LOCK / f"{name}.txt").exists()
            or without_hashes((LOCK / f"{name}.txt").read_text()) != without_hashes((fresh / f"{name}.txt").read_text())
        ]
    for name in stale:
        print(f"requirements/{name}.txt does not match the pyproject.toml files: run 'make lock'")
    return 1 if stale else 0


def main(action: str) -> int:
    if action == "check":
        return check()
    if action not in {"write", "upgrade"}:
        print(__doc__)
        return 2
    LOCK.mkdir(exist_ok=True)
    resolve(LOCK, pins(LOCK) if action == "write" else [])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["help"]))
