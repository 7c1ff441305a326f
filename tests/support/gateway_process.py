"""The real gateway process under load from outside, with a broker that can die and a count of what was promised."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import STDOUT, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import httpx
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import ServiceUnavailableError

from chassis.bus import Bus
from ops.embedded.children import free_port
from support.gateway import BASE_URL, TOKEN, sign
from support.waiting import eventually

TEXT_PATH = "/webhooks/twilio/sms/incoming"
CALL_PATH = "/voice/incoming"


class GatewayProcess:
    """`python -m gateway`, always on the same ports and with the same spool."""

    def __init__(self, directory: Path, nats_url: str, **environment: str) -> None:
        self.directory = directory
        self._port, self._ops = free_port(), free_port()
        self.log_file = directory / "webhook.log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "NATS_URL": nats_url,
            "GATEWAY_PORT": str(self._port),
            "GATEWAY_OPS_PORT": str(self._ops),
            "WEBHOOK_LOG_FILE": str(self.log_file),
            "WEBHOOK_BASE_URL": BASE_URL,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SPOOL_DIR": str(directory / "spool"),
            "LOG_LEVEL": "warning",
            **environment,
        }
        self._process: Process | None = None
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", timeout=20, trust_env=False)

    async def start(self) -> Self:
        """Start it, and wait until it answers."""
        with (self.directory / "gateway.out").open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "gateway", env=self._environment, stdout=out, stderr=STDOUT
            )
        await eventually(self.ready, within=30)
        return self

    async def end(self, sig: signal.Signals) -> int:
        """Send it a signal; its exit code."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(sig)
        return await asyncio.wait_for(self._process.wait(), 15)

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        assert self._process is not None
        return self._process.pid

    async def ready(self) -> Any:
        """The body of /readyz with its status, as (status, body); nothing when it does not answer."""
        answer = await self.http.get(f"http://127.0.0.1:{self._ops}/readyz")
        return answer.status_code, answer.json()

    async def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        lines = (await self.http.get(f"http://127.0.0.1:{self._ops}/metrics")).text.splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])

    async def text(self, sid: str) -> int:
        """Have a patient text; the status of the answer."""
        return (await self._post(TEXT_PATH, {"MessageSid": sid, "Body": "Are you open?" * 20})).status_code

    async def call(self) -> httpx.Response:
        """Have a patient call."""
        return await self._post(CALL_PATH, {"CallSid": "CA1", "CallStatus": "ringing"})

    async def _post(self, path: str, form: dict[str, str]) -> httpx.Response:
        form = {"From": "+12125550123", "To": "+12125550100", **form}
        return await self.http.post(path, data=form, headers={"x-twilio-signature": sign(path, form)})

    def log_lines(self) -> list[dict[str, Any]]:
        """What the request log holds."""
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]


@contextlib.asynccontextmanager
async def gateway_process(directory: Path, nats_url: str, **environment: str) -> AsyncIterator[GatewayProcess]:
    """A running gateway; killed in the end if it still runs."""
    gateway = await GatewayProcess(directory, nats_url, **environment).start()
    try:
        yield gateway
    finally:
        await gateway.end(signal.SIGKILL)
        await gateway.http.aclose()


class Load:
    """Patients who keep texting, a few at a time."""

    def __init__(self, gateway: GatewayProcess, *, senders: int) -> None:
        self.answers: list[tuple[str, int | None]] = []
        """Every text's id with the status of its answer; None when there was no answer."""
        self._gateway = gateway
        self._going = True
        self._tasks = [asyncio.create_task(self._keep_texting(sender)) for sender in range(senders)]

    async def _keep_texting(self, sender: int) -> None:
        number = 0
        while self._going:
            number += 1
            sid = f"SM{sender}_{number}"
            try:
                status = await self._gateway.text(sid)
            except httpx.TransportError:
                self.answers.append((sid, None))
                await asyncio.sleep(0.05)
            else:
                self.answers.append((sid, status))
            await asyncio.sleep(0.02)

    def promised(self) -> list[str]:
        """The texts that were answered with a 2xx."""
        return [sid for sid, status in self.answers if status and status < 300]

    async def more(self, count: int) -> None:
        """Wait until that many more are promised."""
        wanted = len(self.promised()) + count
        await eventually(lambda: len(self.promised()) >= wanted, within=60)

    async def stop(self) -> None:
        """Finish what is under way."""
        self._going = False
        await asyncio.gather(*self._tasks)


@contextlib.asynccontextmanager
async def texting(gateway: GatewayProcess, *, senders: int = 8) -> AsyncIterator[Load]:
    """Have patients text meanwhile, or until `Load.stop`."""
    load = Load(gateway, senders=senders)
    try:
        yield load
    finally:
        await load.stop()


async def stored(operator: Bus) -> Counter[str]:
    """How often each text is in the stream, by its id."""
    left = (await operator.js.stream_info("EVENTS")).state.messages
    unacknowledged = ConsumerConfig(ack_policy=AckPolicy.NONE)
    reader = await operator.js.pull_subscribe("events.>", stream="EVENTS", config=unacknowledged)
    found: Counter[str] = Counter()
    while left:
        messages = await reader.fetch(min(left, 1000), timeout=10)
        left -= len(messages)
        for message in messages:
            data = json.loads(message.data)["data"]
            found.update([data["message_sid"]] if "message_sid" in data else [])
    await reader.unsubscribe()
    return found


async def everything_arrives(promised: list[str], operator: Bus) -> None:
    """Wait until what was promised is in the stream and the stream has come to rest; nothing may be there twice."""
    await eventually(lambda: operator.client.is_connected, within=30)
    before: Counter[str] = Counter()

    async def complete() -> bool:
        nonlocal before
        try:
            now = await stored(operator)
        except ServiceUnavailableError:  # in a cluster, a consumer that was just made has no leader yet
            return False
        done = set(promised) <= set(now) and now == before
        before = now
        return done

    await eventually(complete, within=60)
    assert [sid for sid, count in before.items() if count != 1] == []
