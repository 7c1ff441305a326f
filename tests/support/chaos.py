"""Responders that are killed at work, between a real NATS and a simulator that misbehaves; and the count afterwards."""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.bus import Bus
from chassis.environment import KNOWN
from contracts import UnknownEvent, decode_event
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed, SuppressionReason
from contracts.staff import AlertKind, AlertRaised
from contracts.topology import DEAD_LETTERS, EVENTS, RESPONDER_TEXTS
from ops.embedded.children import free_port
from ops.embedded.nats import EmbeddedNats
from support.consumers import settled
from support.events import text
from support.simulator import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    DID,
    TWILIO_NUMBER,
    VOIPMS_PASSWORD,
    VOIPMS_USERNAME,
    Simulator,
)
from support.waiting import eventually

ACK_WAIT = 4.0
"""Seconds until the text of a killed responder is delivered again; 30 in production."""

QUESTIONS = ("What are your hours?", "I need an appointment", "where are you located", "do you accept Aetna", "hello")
NUMBERS = {"twilio": TWILIO_NUMBER, "voipms": f"+1{DID}"}

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "effect": True},
    {"kind": "drop_after_accept"},
    {"kind": "hang", "effect": True, "seconds": 1.5, "then": "answer"},
    {"kind": "hang", "effect": True, "seconds": 11, "then": "cut"},
)
"""What happens to sends: turned away, failed, failed after having been accepted, and slow."""

TARGETS = (("twilio.messages", "POST"), ("voipms.rest", "sendSMS"))
ASKING = (("twilio.messages", "GET"), ("voipms.rest", "getSMS"))


@dataclass
class Replica:
    """A responder process that can be killed and started again."""

    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    read: int = 0
    """How far the log had come when it was started."""

    def start(self) -> None:
        """Start it; it takes some seconds to be at work."""
        clean = {name: value for name, value in os.environ.items() if name.upper() not in KNOWN}
        self.read = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "responder"],
                env={**clean, **self.environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def is_at_work(self) -> bool:
        """Whether it has concluded a text, or asked about one, since it was started."""
        with self.log.open("rb") as log:
            log.seek(self.read)
            return b"concluded" in log.read()

    def kill(self) -> None:
        """End it as a power failure would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass(frozen=True)
class Count:
    """What came of all texts."""

    outcomes: Counter[str]
    inquiries: Counter[str]
    twice: list[str]
    """Patients who got more than one text."""
    wrong: list[str]
    """Texts whose outcome is missing, double, or not what the simulator saw."""
    dead_letters: int


@dataclass
class Chaos:
    """The run. Everything random comes from one seed."""

    nats: EmbeddedNats
    operator: Bus
    simulator: Simulator
    replicas: list[Replica]
    dice: random.Random
    texts: list[SmsReceived] = field(default_factory=list)

    async def receive(self, how_many: int) -> None:
        """Let texts of new patients come in, some of them twice."""
        for _ in range(how_many):
            number = len(self.texts)
            provider = self.dice.choice(list(NUMBERS))
            event = text(
                self.dice.choice(QUESTIONS),
                sid=f"{number}",
                provider=provider,
                sender=f"+1213{2_000_000 + number}",
                to=NUMBERS[provider],
                at=datetime.now(UTC),
            )
            self.texts.append(event)
            for _ in range(self.dice.choice((1, 1, 1, 2))):
                await self.operator.js.publish(event.bus_subject, event.to_json(), stream=EVENTS.name, timeout=20)

    async def misbehave(self, faults: int) -> None:
        """Have so many of the next calls go wrong."""
        for _ in range(faults):
            target, method = self.dice.choice(TARGETS)
            await self.simulator.do("faults", target=target, method=method, **self.dice.choice(FAULTS))
        target, method = self.dice.choice(ASKING)
        await self.simulator.do("faults", target=target, method=method, kind="status", status=503)

    async def kill_one(self) -> None:
        """Kill a responder that is at work, at a random moment."""
        victim = await eventually(lambda: next((one for one in self.replicas if one.is_at_work()), None), within=60)
        await asyncio.sleep(self.dice.random() * 0.6)
        victim.kill()
        victim.start()
        self.replicas.append(self.replicas.pop(self.replicas.index(victim)))

    async def restart_nats(self) -> None:
        """Take NATS away for a moment."""
        self.nats.stop()
        await asyncio.sleep(1)
        self.nats.start()

        async def back() -> bool:
            return await self.operator.problem() is None

        await eventually(back, within=30)

    async def settled(self, *, within: float) -> None:
        """Wait until every text was acknowledged."""
        await eventually(lambda: settled(self.operator, RESPONDER_TEXTS), within=within)

    async def count(self) -> Count:
        """Reconcile what came in with what the simulator saw and what the responders said."""
        got = Counter(sent["to_number"][-10:] for sent in await self.simulator.texts())
        published = [event async for event in self._published()]
        ends: dict[Any, list[AnyEvent]] = {event.id: [] for event in self.texts}
        for outcome in published:
            if isinstance(outcome, SmsSent | SmsSuppressed) and outcome not in ends[outcome.data.in_reply_to_event]:
                ends[outcome.data.in_reply_to_event].append(outcome)
        alerts = {
            alert.data.origin
            for alert in published
            if isinstance(alert, AlertRaised) and alert.data.kind is AlertKind.REPLY_UNKNOWN
        }
        said = {event.id: [_said(end) for end in ends[event.id]] for event in self.texts}
        wrong = [
            f"{event.data.message_sid}: {said[event.id]}, {got[event.data.from_number[-10:]]} seen"
            for event in self.texts
            if not _is_true(said[event.id], got[event.data.from_number[-10:]], event.data.message_sid in alerts)
        ]
        dead = (await self.operator.js.stream_info(DEAD_LETTERS.name)).state.messages
        outcomes = Counter(word for words in said.values() for word in words)
        return Count(outcomes, self._inquiries(), [number for number, times in got.items() if times > 1], wrong, dead)

    async def _published(self) -> AsyncIterator[AnyEvent]:
        for sequence in range(1, (await self.operator.js.stream_info(EVENTS.name)).state.last_seq + 1):
            event = decode_event((await self.operator.js.get_msg(EVENTS.name, sequence)).data or b"")
            if not isinstance(event, UnknownEvent):
                yield event

    def _inquiries(self) -> Counter[str]:
        lines = [line for replica in self.replicas for line in replica.log.read_text().splitlines()]
        return Counter(json.loads(line)["answer"] for line in lines if '"asked about a text in doubt"' in line)


def _said(outcome: AnyEvent) -> str:
    return "sent" if isinstance(outcome, SmsSent) else str(outcome.data.reason)


def _is_true(said: list[str], seen: int, alerted: bool) -> bool:
    """Whether a text ended once, as the simulator saw it."""
    match said:
        case ["sent"]:
            return seen == 1
        case [SuppressionReason.UNKNOWN_OUTCOME]:
            return seen <= 1 and alerted
        case [_]:
            return seen == 0
    return False


@contextlib.contextmanager
def replicas(environment: dict[str, str], directory: Path, how_many: int) -> Iterator[list[Replica]]:
    """So many responders, running."""
    made = [
        Replica({**environment, "RESPONDER_OPS_PORT": str(free_port())}, directory / f"responder-{number}.log")
        for number in range(how_many)
    ]
    for replica in made:
        replica.start()
    try:
        yield made
    finally:
        for replica in made:
            replica.kill()


def environment(nats: EmbeddedNats, simulator: Simulator, practice: Path) -> dict[str, str]:
    """The variables of a responder between these two."""
    return {
        "NATS_URL": nats.url("responder"),
        "PRACTICE_FILE": str(practice),
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": TWILIO_NUMBER,
        "TWILIO_API_URL": simulator.url,
        "VOIPMS_USERNAME": VOIPMS_USERNAME,
        "VOIPMS_PASSWORD": VOIPMS_PASSWORD,
        "VOIPMS_DID": DID,
        "VOIPMS_API_URL": f"{simulator.url}/api/v1/rest.php",
        "TWILIO_TEXTS_PER_SECOND": "100",
        "VOIPMS_TEXTS_PER_SECOND": "100",
        "SEND_LISTED_WITHIN": "15",
        "LOG_FORMAT": "json",
    }
