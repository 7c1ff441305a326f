"""`make bench`: measure everybody, write RESULTS.md, and fail when something was lost."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import wrk
from bench.contenders import CEILING, EXPRESS, FLASK, GATEWAY, PAST_ASGI, SYNCED, Contender
from bench.machine import described
from bench.measuring import Measured, Plan, Requests, measure
from bench.report import targets, written
from bench.soak import minutes, soak

HERE = Path(__file__).parent


def main() -> int:
    """Returns the exit code: 0 when nothing was lost, whatever the speed."""
    arguments = _arguments()
    if not wrk.available() or not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        print(wrk.INSTALL if not wrk.available() else "needs Linux, and two cores to keep server and load apart")
        return 2
    core, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others)  # of this process and all it starts; contenders are moved to `core`
    if arguments.soak:
        return soak(HERE / "SOAK.md", arguments.soak, core)
    plan, rounds = Plan(), 1 if arguments.quick else arguments.rounds
    contenders, skipped = _contenders(arguments.only)
    results = _rounds(contenders, plan, rounds, core)
    command = shlex.join(["make", "bench", *([f"ARGS={shlex.join(sys.argv[1:])}"] if sys.argv[1:] else [])])
    if GATEWAY in results:
        document = written(results, plan, described(), command, skipped)
        print(document)
        if not arguments.only:
            (HERE / "RESULTS.md").write_text(document)
    return 0 if GATEWAY not in results or targets(results)[-1].met else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, one round: for a look while working")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody is measured (5)")
    parser.add_argument("--only", nargs="*", default=[], help="names of contenders; RESULTS.md is not written then")
    parser.add_argument("--soak", type=minutes, help="watch the gateway's memory under load instead, e.g. 10m")
    return parser.parse_args()


def _contenders(only: list[str]) -> tuple[list[Contender], list[str]]:
    wanted = [c for c in (CEILING, PAST_ASGI, GATEWAY, EXPRESS, FLASK, SYNCED) if c.name in only or not only]
    if EXPRESS not in wanted or _express_is_there():
        return wanted, []
    reason = "Express: node and npm are missing, or could not install what it needs"
    print(f"skipped: {reason}")
    return [contender for contender in wanted if contender is not EXPRESS], [reason]


def _express_is_there() -> bool:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    if not (EXPRESS.folder / "node_modules" / ".package-lock.json").exists():
        return subprocess.run(["npm", "ci", "--silent"], cwd=EXPRESS.folder, check=False).returncode == 0
    return True


def _rounds(contenders: list[Contender], plan: Plan, rounds: int, core: int) -> dict[Contender, list[Measured]]:
    results: dict[Contender, list[Measured]] = {contender: [] for contender in contenders}
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as directory:
        requests = Requests(Path(directory), plan)
        for number in range(1, rounds + 1):
            for contender, measured in measure(contenders, plan, requests, core).items():
                results[contender].append(measured)
                print(
                    f"{number}/{rounds} {contender.title}: {measured.peak.per_second:,.0f}/s, "
                    f"{measured.cpu_us:.0f} µs CPU each, p99 at half load {measured.half.percentile(0.99):.1f} ms, "
                    f"{measured.lost} lost",
                    flush=True,
                )
    return results


sys.exit(main())
