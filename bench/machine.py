"""What the numbers were measured on, and with."""

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("uvicorn", "httptools", "uvloop", "fastapi", "pydantic", "nats-py", "flask", "gunicorn", "twilio")
_NATS = str(Path(sys.executable).parent / "nats-server")
_MODULES = ("express", "twilio", "@nats-io/jetstream")


def described() -> list[str]:
    """Hardware and versions, one a line."""
    cpu = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "unknown")
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return [
        f"{cpu}, {os.cpu_count()} cores, {memory / 1024**2:.0f} GB; {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        f"{_said('node', '--version', 'node is missing')}; " + ", ".join(f"{name} {_npm(name)}" for name in _MODULES),
        f"{_said(_NATS, '--version', 'nats-server')}; {_said('wrk', '--version', 'wrk').split(' Copyright')[0]}",
    ]


def _lines(file: str) -> list[str]:
    path = Path(file)
    return path.read_text().splitlines() if path.exists() else []


def _said(program: str, question: str, otherwise: str) -> str:
    if shutil.which(program) is None:
        return otherwise
    ended = subprocess.run([program, question], capture_output=True, text=True, check=False)
    words = (ended.stdout or ended.stderr).splitlines()[0]
    return words if words[0].isalpha() and not words.startswith("v") else f"{Path(program).name} {words}"


def _npm(module: str) -> str:
    file = Path(__file__).parent / "peers" / "express" / "node_modules" / module / "package.json"
    line = next((line for line in _lines(str(file)) if '"version"' in line), "")
    return line.partition(":")[2].strip(' ",') or "not installed"
