"""What Node does for the contracts: one browsable page of asyncapi.yaml, and the official parser's opinion of it."""

import json
import shutil
import subprocess
from pathlib import Path

CONTRACTS = Path("contracts")
"""As seen from the project's folder, where the `frontdesk` command runs."""

INSTALL_SECONDS, RUN_SECONDS = 300, 60


class NotBuilt(Exception):
    """There is no page, and the message says why."""


class NoNode(NotBuilt):
    """Node or npm is missing, or npm could not install the tools."""


def build(target: Path, root: Path = CONTRACTS) -> Path:
    """Write a page of `root`/asyncapi.yaml that loads nothing from anywhere. Raises `NotBuilt`, `NoNode`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    ran = _node(root, "build.mjs", root / "asyncapi.yaml", target)
    if ran.returncode:
        raise NotBuilt(f"{root / 'asyncapi.yaml'}: {ran.stderr.strip()}")
    return target


def problems(*files: Path, root: Path = CONTRACTS) -> list[list[str]]:
    """What the official parser finds wrong with each file; empty where it is valid. Raises `NotBuilt`, `NoNode`."""
    ran = _node(root, "check.mjs", *files)
    if ran.returncode:
        raise NotBuilt(f"the parser failed: {ran.stderr.strip()}")
    found: list[list[str]] = json.loads(ran.stdout)
    return found


def install(root: Path = CONTRACTS) -> None:
    """Install what `root`/html/package-lock.json names, unless that is there. Raises `NotBuilt`, `NoNode`."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NoNode(f"{tool} was not found on the PATH; Node 20 or newer comes with it")
    lock, done = root / "html" / "package-lock.json", root / "html" / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    ran = _run(root, INSTALL_SECONDS, "npm", "ci")
    if ran.returncode:
        errors = [line for line in ran.stderr.splitlines() if line.startswith("npm error")]
        raise NoNode(f"npm could not install {lock}: {'; '.join(errors[:3])}")


def _node(root: Path, script: str, *files: Path) -> "subprocess.CompletedProcess[str]":
    install(root)
    return _run(root, RUN_SECONDS, "node", script, *(str(file.resolve()) for file in files))


def _run(root: Path, seconds: float, *command: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, cwd=root / "html", capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotBuilt(f"{command[0]} was not done after {seconds:g} s") from error
