"""A machine that answers each of our texts with a text: whatever it writes, the two of us stop soon."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.responses import Response

from chassis.bus import Bus
from contracts.sms import SmsSent, SmsSuppressed, SuppressionReason
from contracts.topology import RESPONDER_TEXTS
from ops.embedded.children import free_port
from ops.embedded.nats import EmbeddedNats
from responder.app import build
from responder.settings import ResponderSettings
from responder.silence.budgets import EMERGENCIES_PER_HOUR
from support.backends import NatsServer
from support.chaos import environment
from support.consumers import settled
from support.events import text
from support.responder import PRACTICE, Office, the_practice
from support.simulator import Gateway, Received, Simulator, receiving, simulating
from support.waiting import eventually

MACHINE = "+12125550177"
INCOMING = "/webhooks/twilio/sms/incoming"

TOPICS = ("what are your hours", "where are you located", "do you accept Aetna", "I need an appointment", "hello there")


def polite(number: int, _: str) -> str:
    return f"Thank you for contacting Acme! Ticket {number}: we will get back to you shortly."


def echo(_: int, ours: str) -> str:
    return ours


def curious(number: int, _: str) -> str:
    return f"{TOPICS[number % len(TOPICS)]} for number {'x' * number}"


def alarmed(number: int, _: str) -> str:
    return f"my gum is bleeding and will not stop {'!' * number}"


def stubborn(number: int, _: str) -> str:
    return "START" if number % 2 else "STOP"


@dataclass
class Machine:
    """Texts the practice once, and then answers every text that it gets."""

    simulator: Simulator
    writes: Callable[[int, str], str]
    provider: str
    numbers: Any = field(default_factory=lambda: itertools.count())
    answered: int = 0

    async def texts(self, ours: str = "") -> None:
        message = self.writes(next(self.numbers), ours)
        await self.simulator.do(f"{self.provider}/texts", from_number=MACHINE, message=message)

    async def answer(self) -> None:
        """Answer what came since the last time."""
        came = await self.simulator.texts()
        for ours in came[self.answered :]:
            self.answered += 1
            await self.texts(ours["message"])


@asynccontextmanager
async def responding(nats: NatsServer, simulator: Simulator) -> AsyncIterator[None]:
    assert isinstance(nats, EmbeddedNats)
    variables = {name.lower(): value for name, value in environment(nats, simulator, PRACTICE).items()}
    secrets = {name: SecretStr(variables[name]) for name in ("nats_url", "twilio_auth_token", "voipms_password")}
    settings = ResponderSettings.model_validate({**variables, **secrets, "responder_ops_port": free_port()})
    async with build(settings).work():
        yield


def into_the_bus(operator: Bus, gateway: Gateway) -> None:
    """Have webhooks of texts become events, as our gateway would."""

    async def twilio(received: Received) -> Response:
        form = received.form
        await operator.publish(_event(form["MessageSid"], "twilio", form["From"], form["To"], form["Body"]))
        return Response(status_code=204)

    async def voipms(received: Received) -> Response:
        query = dict(httpx.QueryParams(received.target.partition("?")[2]))
        numbers = (f"+1{query['from']}", f"+1{query['to']}")
        await operator.publish(_event(query["id"], "voipms", *numbers, query["message"]))
        return Response("ok", media_type="text/plain")

    gateway.answers[INCOMING] = twilio
    gateway.answers["/api/voip/sms/webhook"] = voipms


def _event(sid: str, provider: str, sender: str, to: str, message: str) -> Any:
    return text(message, sid=sid, provider=provider, sender=sender, to=to, at=datetime.now(UTC))


HOURLY = the_practice().budgets.per_sender_per_hour


@pytest.mark.parametrize(
    ("writes", "provider", "most", "why"),
    [
        (polite, "twilio", 0, SuppressionReason.AUTO_REPLY),
        (echo, "twilio", 1, SuppressionReason.AUTO_REPLY),
        (curious, "twilio", HOURLY, None),
        (alarmed, "twilio", EMERGENCIES_PER_HOUR, SuppressionReason.COOLDOWN),
        (stubborn, "voipms", HOURLY, SuppressionReason.AUTO_REPLY),
    ],
)
async def test_two_machines_texting_each_other_end_within_the_budget(
    nats: NatsServer,
    operator: Bus,
    writes: Callable[[int, str], str],
    provider: str,
    most: int,
    why: SuppressionReason | None,
) -> None:
    office = Office(nats, operator, None, None)  # type: ignore[arg-type]  # only its eyes are used here
    async with receiving() as gateway, simulating(gateway.url) as simulator:
        into_the_bus(operator, gateway)
        machine = Machine(simulator, writes, provider)

        async def over() -> bool:
            await machine.answer()
            ends = await office.published(SmsSent, SmsSuppressed)
            told = len(ends) == len([one for one in gateway.received if "sms" in one.path])
            quiet = machine.answered == len(await simulator.texts())
            return told and quiet and await settled(operator, RESPONDER_TEXTS)

        async with responding(nats, simulator):
            await machine.texts("hello")
            await eventually(over, within=60)
        sent = await simulator.texts()
        ends = await office.published(SmsSent, SmsSuppressed)
    assert len(sent) <= most
    assert len(ends) == len(sent) + 1, "each of its texts ended, the last one in silence"
    last = ends[-1]
    assert isinstance(last, SmsSuppressed)
    if why is not None:
        assert last.data.reason is why
