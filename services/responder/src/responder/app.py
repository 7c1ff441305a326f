"""The responder, wired: patients' texts from the bus, replies by the providers' APIs, outcomes back on the bus."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from chassis import logs
from chassis.bus import Bus
from chassis.consuming import subscribe
from chassis.process import Service
from contracts.topology import (
    BUDGETS,
    CALLS,
    CONSENT,
    NOTICES,
    REPLIES,
    RESPONDER_ALERTS,
    RESPONDER_CALLS,
    RESPONDER_DELIVERIES,
    RESPONDER_TEXTS,
    RESPONDER_TRANSCRIPTS,
)
from responder.alerts.book import Book as AlertBook
from responder.alerts.paging import Paging
from responder.alerts.staff import Staff
from responder.calls.book import Book as CallBook
from responder.calls.handling import Calls
from responder.calls.missed import MissedCalls
from responder.calls.spoken import Spoken
from responder.configured import numbers_of, practice_of, remote_of, senders_of
from responder.consent.learning import Learning
from responder.consent.ledger import Ledger
from responder.consent.lines import Lines
from responder.decision import House
from responder.handling import Responder
from responder.practice.model import Practice
from responder.senders.http import client
from responder.senders.watched import Watched
from responder.sending.claims import Claims
from responder.sending.inquiry import Inquiry
from responder.sending.outbox import Outbox
from responder.sending.pace import Pace
from responder.settings import ResponderSettings
from responder.silence.quotas import Quotas
from responder.store import Store
from responder.understanding.classifying import load_model

log = logs.get(__name__)

NAME = "responder"
CONCURRENCY = 4
"""Events of a kind handled at a time; a slow provider holds each of them for up to ten seconds."""
CONSUMED = (RESPONDER_TEXTS, RESPONDER_DELIVERIES, RESPONDER_ALERTS, RESPONDER_CALLS, RESPONDER_TRANSCRIPTS)


def build(settings: ResponderSettings) -> Service:
    """The service, ready to run. Raises `SettingsError` when the practice file cannot be used."""
    ours = practice_of(settings)
    http = client()
    senders = senders_of(settings, http)
    bus = Bus(NAME, settings.nats_url.get_secret_value(), security=settings.nats_security)
    stores = {bucket: Store(bus, bucket) for bucket in (REPLIES, CONSENT, BUDGETS, CALLS, NOTICES)}
    learning = Learning(Ledger(stores[CONSENT]), Lines(stores[CONSENT]), bus.publish)
    outbox = outbox_of(settings, senders, Claims(stores[REPLIES]), learning.ledger)
    house = house_of(settings, ours, frozenset(senders))
    quotas, alerts = Quotas(stores[BUDGETS], ours.budgets), AlertBook(stores[NOTICES])
    known_calls = CallBook(stores[CALLS], stores[NOTICES])
    staff = Staff(ours, alerts, bus.publish)
    responder = Responder(house, outbox, learning, quotas, staff, bus.publish, remote=remote_of(settings, http))
    paging = Paging(ours, outbox, learning, alerts, numbers_of(settings, senders), bus.publish)
    missed = MissedCalls(house, outbox, learning, quotas, known_calls, bus.publish)
    spoken = Spoken(ours, known_calls, bus.publish)
    subscribe(bus, RESPONDER_TEXTS, responder.handle, concurrency=CONCURRENCY)
    subscribe(bus, RESPONDER_DELIVERIES, learning.delivery)
    subscribe(bus, RESPONDER_ALERTS, paging.handle, concurrency=CONCURRENCY)
    subscribe(bus, RESPONDER_CALLS, Calls(known_calls, missed, spoken).handle, concurrency=CONCURRENCY)
    subscribe(bus, RESPONDER_TRANSCRIPTS, spoken.transcript)

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        log.info("answering texts", practice=ours.practice.name, providers=sorted(senders))
        async with http, asyncio.TaskGroup() as tasks:
            # Apart, so that SIGTERM works while NATS is away.
            starting = tasks.create_task(bus.start(*CONSUMED))
            tasks.create_task(asyncio.to_thread(load_model))
            try:
                yield
            finally:
                starting.cancel()
                await bus.close()

    return Service(
        name=NAME,
        settings=settings,
        ops=(settings.responder_ops_port, "RESPONDER_OPS_PORT"),
        work=work,
        checks={
            "nats": bus.consuming_problem,
            **{bucket.name: store.problem for bucket, store in stores.items()},
            **{provider: sender.problem for provider, sender in senders.items()},
        },
        alive=bus.alive,
    )


def house_of(settings: ResponderSettings, practice: Practice, senders: frozenset[str]) -> House:
    """What decisions know about us."""
    fallbacks = numbers_of(settings, senders)
    return House(
        practice,
        own_numbers=settings.own_numbers | practice.own_numbers(),
        senders=senders,
        fallbacks=fallbacks if settings.send_fallback else {},
    )


def outbox_of(settings: ResponderSettings, senders: Mapping[str, Watched], claims: Claims, ledger: Ledger) -> Outbox:
    """The one way out for texts."""
    inquiry = Inquiry(senders, claims, timedelta(seconds=settings.send_listed_within))
    return Outbox(senders, claims, ledger, inquiry, Pace(settings.texts_per_second))
