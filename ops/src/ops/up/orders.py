"""`frontdesk stop | start | restart | status`: orders to a running `frontdesk up`."""

import json
import time
from pathlib import Path
from typing import Any, Literal

ORDER_SECONDS = 30.0


class NotRunning(Exception):
    """There is no `frontdesk up` on this data directory, or it does not know the name."""


def status(data_dir: Path) -> dict[str, dict[str, Any]]:
    """State, pid and crashes of each process. Raises `NotRunning`."""
    file = data_dir / "run" / "status.json"
    if not file.exists():
        raise NotRunning(f"nothing runs on {data_dir}: start it with 'make run'")
    found: dict[str, dict[str, Any]] = json.loads(file.read_text())
    return found


def order(data_dir: Path, name: str, want: Literal["running", "stopped"]) -> int | None:
    """Have `name` stopped or running, and return its pid when it is. Raises `NotRunning` or `TimeoutError`."""
    known = status(data_dir)
    if name not in known:
        raise NotRunning(f"no process is called {name}; there are {', '.join(known)}")
    flag = data_dir / "run" / f"{name}.stopped"
    if want == "stopped":
        flag.touch()
    else:
        flag.unlink(missing_ok=True)
    deadline = time.monotonic() + ORDER_SECONDS
    while time.monotonic() < deadline:
        now = status(data_dir)[name]
        if now["state"] == want and (now["pid"] is None) == (want == "stopped"):
            return int(now["pid"]) if now["pid"] else None
        time.sleep(0.05)
    raise TimeoutError(f"{name} is not {want} after {ORDER_SECONDS:g} s")
