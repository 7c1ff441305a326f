"""What a crew of workers says of itself through its parent: health, readiness and metrics of all of them."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from chassis.metrics import BUILD, READY
from chassis.ops_http import Health

WORKER_RESTARTS = Counter("frontdesk_worker_restarts_total", "Worker processes started again after they ended")

_ASK_SECONDS = 3.0


class WorkerDown(Exception):
    """A worker does not answer: it is starting, ended, or stuck."""


async def ask(control: Path, path: str, seconds: float) -> tuple[int, bytes]:
    """GET from a worker over its Unix socket: status and body. Raises `WorkerDown`."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_unix_connection(str(control))
            try:
                writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
            return int(head.split()[1]), body
    except (OSError, TimeoutError, LookupError, ValueError) as error:
        raise WorkerDown from error


class CrewHealth(Health):
    """Ready when at least one worker serves, and every one that serves is ready.

    They share a listening socket: a worker that is down takes no requests, but one that is up and not ready does.
    """

    def __init__(self, service: str, controls: Mapping[int, Path]) -> None:
        super().__init__(service, {}, lambda: True, {})
        self._controls = controls

    async def problems(self) -> dict[str, str]:
        """What keeps workers from being ready, each with the number of one of them."""
        if self.stopping:
            return {self.service: "stopping"}
        serving = await self._serving()
        return _merged(serving, "problems") if serving else {"workers": "none is serving"}

    async def limits(self) -> dict[str, str]:
        """What workers do without for now, and how many of them are missing."""
        serving = await self._serving()
        missing = len(self._controls) - len(serving)
        told = {"workers": f"{missing} of {len(self._controls)} are not serving"} if missing else {}
        return told | _merged(serving, "degraded")

    async def _serving(self) -> dict[int, dict[str, dict[str, str]]]:
        answers = await asyncio.gather(*map(_readiness, self._controls.values()))
        return {number: answer for number, answer in zip(self._controls, answers, strict=True) if answer is not None}


async def _readiness(control: Path) -> dict[str, dict[str, str]] | None:
    try:
        _, body = await ask(control, "/readyz", _ASK_SECONDS)
        answer: dict[str, dict[str, str]] = json.loads(body)
    except (WorkerDown, ValueError):
        return None
    return answer


def _merged(answers: Mapping[int, Mapping[str, Mapping[str, str]]], part: str) -> dict[str, str]:
    """The lowest number wins where workers say the same name."""
    told: dict[str, str] = {}
    for number, answer in answers.items():
        for name, words in answer[part].items():
            told.setdefault(name, f"worker {number}: {words}")
    return told


class _Everybody(Collector):
    """The workers' metrics added up, those of ended ones included, and the parent's own."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)

    def collect(self) -> Iterable[Metric]:
        """Families of both; what the parent says of the whole takes the place of what workers say of themselves."""
        own = [family for metric in (BUILD, READY, WORKER_RESTARTS) for family in metric.collect()]
        names = {family.name for family in own}
        workers = MultiProcessCollector(None, self._directory).collect()  # type: ignore[no-untyped-call]  # it has no types
        return [*own, *(family for family in workers if family.name not in names)]


def exposition(directory: Path) -> bytes:
    """What Prometheus gets to read."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everybody(directory))
    return generate_latest(registry)
