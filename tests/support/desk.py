"""Everything that the responder handles, on a bus: for calling handlers directly, with a clock of the test's own."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.bus import Bus
from chassis.consuming import Handler
from chassis.failures import Postponed
from contracts.registry import AnyEvent
from contracts.topology import (
    CALLS,
    NOTICES,
    RESPONDER_ALERTS,
    RESPONDER_CALLS,
    RESPONDER_DELIVERIES,
    RESPONDER_TEXTS,
    RESPONDER_TRANSCRIPTS,
    Consumer,
)
from responder.alerts.book import Book as AlertBook
from responder.alerts.paging import Paging
from responder.calls.book import Book as CallBook
from responder.calls.handling import Calls
from responder.calls.missed import MissedCalls
from responder.calls.spoken import Spoken
from responder.handling import Responder
from responder.practice.loading import parse
from responder.practice.model import Practice
from responder.senders.http import client
from responder.senders.port import Sender
from responder.senders.twilio import Twilio
from responder.senders.voipms import VoipMs
from responder.store import Store
from support.responder import NUMBERS, PRACTICE, Office, responder_on, the_practice


@dataclass(frozen=True)
class Desk:
    """The handlers of one responder."""

    responder: Responder
    paging: Paging
    calls: Calls
    spoken: Spoken

    def handler(self, consumer: Consumer) -> Handler:
        """What `responder.app` subscribes to `consumer`."""
        handlers: dict[str, Handler] = {
            RESPONDER_TEXTS.name: self.responder.handle,
            RESPONDER_DELIVERIES.name: self.responder.learning.delivery,
            RESPONDER_ALERTS.name: self.paging.handle,
            RESPONDER_CALLS.name: self.calls.handle,
            RESPONDER_TRANSCRIPTS.name: self.spoken.transcript,
        }
        return handlers[consumer.name]


def desk_on(
    bus: Bus,
    senders: Mapping[str, Sender],
    *,
    now: Callable[[], datetime],
    publish: Callable[[AnyEvent], Awaitable[None]] | None = None,
    practice: Practice | None = None,
) -> Desk:
    """A responder whose buckets are on `bus`."""
    practice, publish = practice or the_practice(), publish or bus.publish
    responder = responder_on(bus, senders, publish=publish, now=now, practice=practice)
    outbox, learning, book = responder.outbox, responder.learning, CallBook(Store(bus, CALLS), Store(bus, NOTICES))
    numbers = {provider: NUMBERS[provider] for provider in senders}
    spoken = Spoken(practice, book, publish, now)
    missed = MissedCalls(responder.house, outbox, learning, responder.quotas, book, publish, now)
    paging = Paging(practice, outbox, learning, AlertBook(Store(bus, NOTICES)), numbers, publish, now)
    return Desk(responder, paging, Calls(book, missed, spoken), spoken)


def practice_with(more: str, *changes: tuple[str, str]) -> Practice:
    """The repository's practice file with `more` at its end, and changes before."""
    written = PRACTICE.read_text()
    for old, new in changes:
        assert written.count(old) == 1, old
        written = written.replace(old, new)
    return parse(f"{written}\n{more}", "test.toml")


async def postponed(handling: Awaitable[None]) -> float | None:
    """Handle an event; the seconds it was put off for, or None when all is done."""
    try:
        await handling
    except Postponed as later:
        return later.after
    return None


@dataclass
class Clock:
    """Stands still until it is told otherwise."""

    at: datetime

    def now(self) -> datetime:
        """What it shows."""
        return self.at

    def forward(self, **by: float) -> None:
        """Move it, e.g. `forward(minutes=5)`."""
        self.at += timedelta(**by)


@contextlib.asynccontextmanager
async def senders_of(office: Office) -> AsyncIterator[dict[str, Sender]]:
    """The real senders, by both providers' doubles."""
    async with client() as http:
        twilio, voipms = office.twilio, office.voipms
        yield {
            "twilio": Twilio(
                http,
                api_url=twilio.url,
                account_sid=twilio.account_sid,
                auth_token=twilio.auth_token,
                status_callback=None,
            ),
            "voipms": VoipMs(http, api_url=voipms.url, username=voipms.username, password=voipms.password),
        }
