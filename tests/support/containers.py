"""The deployment of compose.yaml, beside any other on this machine: a project, ports and secrets of its own."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from ops.embedded.children import free_port

ROOT = Path(__file__).resolve().parents[2]
BASES = ("python:3.11-slim-bookworm", "nats:2.15-alpine", "postgres:16-bookworm")
SERVICES = ("gateway", "recorder", "responder", "transcriber")


def missing() -> str | None:
    """Why nothing can be run in containers here; None when it can."""
    if shutil.which("docker") is None:
        return "there is no docker client"
    if _docker("info").returncode:
        return "no container engine answers"
    if _docker("compose", "version").returncode:
        return "the docker client has no compose plugin"
    absent = [image for image in BASES if _docker("image", "inspect", image).returncode]
    if absent and os.environ.get("TEST_CONTAINERS") != "pull":
        return f"images are not there: {', '.join(absent)} (TEST_CONTAINERS=pull lets the engine fetch them)"
    return None


def _docker(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=60)


class Deployment:
    """`docker compose` on it, and eyes: the simulator, the database, the containers."""

    def __init__(self, directory: Path) -> None:
        (directory / "given").mkdir(parents=True)
        override = directory / "override.yaml"
        override.write_text(json.dumps({"services": {"setup": {"volumes": [f"{directory}/given:/given:ro"]}}}))
        self.ports = {name: free_port() for name in ("GATEWAY_PORTS", "RECORDER_PORTS", "SIMULATOR_PORTS")}
        self.environment = {
            **os.environ,
            **{name: str(port) for name, port in self.ports.items()},
            "RECORDER_PORTS": f"{self.ports['RECORDER_PORTS']}-{self.ports['RECORDER_PORTS'] + 5}",
            "COMPOSE_PROJECT_NAME": "frontdesk-test",
            "COMPOSE_FILE": f"{ROOT / 'compose.yaml'}:{override}",
            "COMPOSE_DISABLE_ENV_FILE": "1",
            "FRONTDESK_VERSION": "test",
            "TWILIO_TEXTS_PER_SECOND": "50",
            "VOIPMS_TEXTS_PER_SECOND": "50",
        }

    async def compose(
        self,
        *words: str,
        profiles: tuple[str, ...] = ("simulator",),
        variables: Mapping[str, str] = MappingProxyType({}),
        within: float = 300,
    ) -> str:
        """Run `docker compose WORDS`; what it wrote. Raises `RuntimeError` with its own words when it failed."""
        process = await asyncio.create_subprocess_exec(
            "docker", "compose", *(word for name in profiles for word in ("--profile", name)), *words,
            env={**self.environment, **variables}, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), within)
        if process.returncode:
            raise RuntimeError(f"docker compose {' '.join(words)}: {out.decode()[-4000:]}")
        return out.decode()

    async def rows(self, query: str) -> list[dict[str, Any]]:
        """What the database says."""
        asked = f"select coalesce(json_agg(t), '[]') from ({query}) t"
        out = await self.compose("exec", "-T", "postgres", "psql", "-U", "frontdesk", "-Atc", asked)
        found: list[dict[str, Any]] = json.loads(out)
        return found

    async def simulator(self, path: str, body: Any = None) -> Any:
        """Ask the simulator (GET), or have it do something (POST with `body`)."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            url = f"http://127.0.0.1:{self.ports['SIMULATOR_PORTS']}/simulator{path}"
            answer = await (http.get(url) if body is None else http.post(url, json=body))
        answer.raise_for_status()
        return answer.json()

    def inspect(self, image: str) -> dict[str, Any]:
        """What the engine knows of one of our images."""
        found: list[dict[str, Any]] = json.loads(_docker("image", "inspect", f"frontdesk/{image}:test").stdout)
        return found[0]

    def once(self, image: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run an image with nothing around it, as restricted as the deployment has it."""
        hardened = ("--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none")
        return _docker("run", *hardened, f"frontdesk/{image}:test", *words)


class Texting:
    """Patients who text through the simulator, each once and from a number of its own."""

    def __init__(self, deployment: Deployment, start: int) -> None:
        self.promised: dict[str, str] = {}
        """Number by id, of the texts whose webhook was answered with a 2xx."""
        self._deployment = deployment
        self._number = start
        self._task = asyncio.create_task(self._keep_texting())

    async def _keep_texting(self) -> None:
        while True:
            self._number += 1
            patient = f"+1213{self._number:07}"
            body = {"from_number": patient, "message": "What are your hours?"}
            sent = await self._deployment.simulator("/twilio/texts", body)
            status = sent["attempts"][-1]["status"]
            if status and 200 <= status < 300:
                self.promised[sent["message_sid"]] = patient
            await asyncio.sleep(0.1)

    async def stop(self) -> dict[str, str]:
        """Finish; the texts that must have their effect."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.promised
