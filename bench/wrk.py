"""As much as it takes: 64 connections that send the next webhook as soon as the one before is answered (wrk)."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

INSTALL = "wrk is missing: 'apt-get install wrk' or 'brew install wrk' (https://github.com/wg/wrk)"


@dataclass(frozen=True)
class Peak:
    """What wrk saw."""

    requests: int
    """Answered."""
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    not_2xx: int
    broken: int
    """Connections that were refused, cut or timed out."""

    @property
    def per_second(self) -> float:
        """Answers."""
        return self.requests / self.seconds


def together(slices: Sequence[Peak]) -> Peak:
    """What several runs make as one; of the median and the 99th percentile, those in the middle."""
    return Peak(
        requests=sum(each.requests for each in slices),
        seconds=sum(each.seconds for each in slices),
        p50_ms=median(each.p50_ms for each in slices),
        p99_ms=median(each.p99_ms for each in slices),
        max_ms=max(each.max_ms for each in slices),
        not_2xx=sum(each.not_2xx for each in slices),
        broken=sum(each.broken for each in slices),
    )


def available() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def drive(port: int, requests: Path, seconds: int, connections: int) -> Peak:
    """Send the requests of a file. Raises `RuntimeError` with wrk's words when it could not."""
    script = Path(__file__).with_name("wrk.lua")
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s", "--timeout=10s",
               "--script", str(script), f"http://127.0.0.1:{port}", "--", str(requests)]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return parse(ended.stdout, ended.stderr)


def parse(out: str, err: str = "") -> Peak:
    """What our script printed. Raises `RuntimeError` with wrk's words when it did not."""
    line = next((line for line in out.splitlines() if line.startswith("RESULT ")), None)
    if line is None or "prepared" in err:
        raise RuntimeError(f"wrk failed: {err or out}")
    return Peak(**json.loads(line.removeprefix("RESULT ")))
