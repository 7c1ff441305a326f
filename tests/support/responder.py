"""A responder between real NATS and providers' doubles, in the test or as a process, and eyes on what it publishes."""

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from chassis.bus import Bus
from chassis.environment import KNOWN
from contracts import UnknownEvent, decode_event
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed, SuppressionReason
from contracts.topology import BUDGETS, CONSENT, EVENTS, NOTICES, REPLIES, RESPONDER_TEXTS
from contracts.values import Category
from ops.embedded.children import free_port
from responder.alerts.book import Book as AlertBook
from responder.alerts.staff import Staff
from responder.app import build
from responder.consent.learning import Learning
from responder.consent.ledger import Ledger
from responder.consent.lines import Lines
from responder.decision import House
from responder.handling import Responder
from responder.practice.loading import load
from responder.practice.model import Practice
from responder.replies.choosing import reply
from responder.senders.port import Sender
from responder.sending.claims import Claims
from responder.sending.inquiry import Inquiry
from responder.sending.outbox import Outbox
from responder.sending.pace import Pace
from responder.settings import ResponderSettings
from responder.silence.quotas import Quotas
from responder.store import Store
from support.backends import NatsServer
from support.consumers import settled
from support.events import text
from support.provider_rest import TwilioRest, VoipMsRest
from support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
PRACTICE = ROOT / "practice.toml"

PATIENT = "+12125550123"
TWILIO_NUMBER = "+12125550150"
VOIPMS_NUMBER = "+12125550160"
NUMBERS = {"twilio": TWILIO_NUMBER, "voipms": VOIPMS_NUMBER}


def the_practice() -> Practice:
    """The repository's practice file."""
    return load(PRACTICE)


def reply_to(category: Category) -> str:
    """What the repository's practice answers."""
    return reply(the_practice(), category, None, datetime.now(UTC)).text


def patients_text(message: str, *, sid: str, provider: str = "twilio", **changes: Any) -> SmsReceived:
    """A text that has just come in, to the practice's number at `provider`."""
    defaults: dict[str, Any] = {"to": NUMBERS[provider], "at": datetime.now(UTC)}
    return text(message, sid=sid, provider=provider, **{**defaults, **changes})


def responder_on(
    bus: Bus,
    senders: Mapping[str, Sender],
    *,
    publish: Callable[[AnyEvent], Awaitable[None]] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    replies: Store | None = None,
    lists_within: timedelta = timedelta(seconds=15),
    practice: Practice | None = None,
) -> Responder:
    """A responder whose claims, ledger and budgets are on `bus`, for calling its handlers directly."""
    practice = practice or the_practice()
    claims, consent = Claims(replies or Store(bus, REPLIES)), Store(bus, CONSENT)
    learning = Learning(Ledger(consent), Lines(consent), publish or bus.publish)
    outbox = Outbox(senders, claims, learning.ledger, Inquiry(senders, claims, lists_within), Pace({}), now)
    house = House(practice, practice.own_numbers(), frozenset(senders), fallbacks={})
    quotas = Quotas(Store(bus, BUDGETS), practice.budgets)
    staff = Staff(practice, AlertBook(Store(bus, NOTICES)), publish or bus.publish)
    return Responder(house, outbox, learning, quotas, staff, publish or bus.publish, now)


@dataclass
class Office:
    """Bus and providers around a responder."""

    nats: NatsServer
    operator: Bus
    twilio: TwilioRest
    voipms: VoipMsRest
    ops_port: int = field(default_factory=free_port)

    def environment(self) -> dict[str, str]:
        """The variables of a responder that works here."""
        return {
            "NATS_URL": self.nats.url("responder"),
            "PRACTICE_FILE": str(PRACTICE),
            "RESPONDER_OPS_PORT": str(self.ops_port),
            "TWILIO_ACCOUNT_SID": self.twilio.account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio.auth_token,
            "TWILIO_PHONE_NUMBER": TWILIO_NUMBER,
            "TWILIO_API_URL": self.twilio.url,
            "VOIPMS_USERNAME": self.voipms.username,
            "VOIPMS_PASSWORD": self.voipms.password,
            "VOIPMS_DID": VOIPMS_NUMBER[2:],
            "VOIPMS_API_URL": self.voipms.url,
            "TWILIO_TEXTS_PER_SECOND": "1000",
            "VOIPMS_TEXTS_PER_SECOND": "1000",
            "SEND_LISTED_WITHIN": "15",
            "WEBHOOK_BASE_URL": "https://front.example",
        }

    @contextlib.asynccontextmanager
    async def responder(self, **changes: Any) -> AsyncIterator[None]:
        """A responder in this process, consuming."""
        variables = {name.lower(): value for name, value in self.environment().items()}
        secrets = {name: SecretStr(variables[name]) for name in ("nats_url", "twilio_auth_token", "voipms_password")}
        service = build(ResponderSettings.model_validate({**variables, **secrets, **changes}))
        async with service.work():

            async def ready() -> bool:
                return [await check() for check in service.checks.values()] == [None] * len(service.checks)

            await eventually(ready)
            yield

    @contextlib.contextmanager
    def responder_process(self, log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """A responder as it runs in production; its output goes to `log`."""
        clean = {name: value for name, value in os.environ.items() if name.upper() not in KNOWN}
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "responder"],
                env={**clean, **self.environment(), "LOG_LEVEL": "debug", **variables},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    async def receive(self, event: SmsReceived) -> SmsReceived:
        """Publish a patient's text."""
        await self.operator.publish(event)
        return event

    async def receive_again(self, event: SmsReceived) -> None:
        """Store the same event once more, as if the deduplication window had passed."""
        await self.operator.js.publish(event.bus_subject, event.to_json(), stream=EVENTS.name)

    async def published(self, *kinds: type[AnyEvent]) -> list[AnyEvent]:
        """Everything of these kinds on the bus, in order."""
        state = (await self.operator.js.stream_info(EVENTS.name)).state
        found = []
        for sequence in range(1, state.last_seq + 1):
            message = await self.operator.js.get_msg(EVENTS.name, sequence)
            event = decode_event(message.data or b"")
            if not isinstance(event, UnknownEvent) and isinstance(event, kinds):
                found.append(event)
        return found

    async def outcomes(self, event: SmsReceived) -> list[AnyEvent]:
        """How the responder says that a text ended."""
        return [
            outcome
            for outcome in await self.published(SmsSent, SmsSuppressed)
            if outcome.data.in_reply_to_event == event.id
        ]

    async def outcome(self, event: SmsReceived, *, within: float = 20) -> AnyEvent:
        """The one outcome of a text."""
        outcomes = await eventually(lambda: self.outcomes(event), within=within)
        assert len(outcomes) == 1
        found: AnyEvent = outcomes[0]
        return found

    async def silence(self, event: SmsReceived, *, within: float = 20) -> SuppressionReason:
        """Why a text got no reply."""
        outcome = await self.outcome(event, within=within)
        assert isinstance(outcome, SmsSuppressed), outcome
        return SuppressionReason(outcome.data.reason)

    async def settled(self, *, within: float = 20) -> None:
        """Wait until every text was acknowledged."""
        await self.settled_but(0, within=within)

    async def settled_but(self, given_back: int, *, within: float = 20) -> None:
        """Wait until every text was acknowledged but for so many that come again later."""
        await eventually(lambda: settled(self.operator, RESPONDER_TEXTS, but=given_back), within=within)
