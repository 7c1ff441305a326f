"""The responder, wired: patients' texts from the bus, replies by the providers' APIs, outcomes back on the bus."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from chassis import logs
from chassis.bus import Bus
from chassis.consuming import subscribe
from chassis.process import Service
from chassis.settings import SettingsError
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
from responder.consent.learning import Learning
from responder.consent.ledger import Ledger
from responder.consent.lines import Lines
from responder.decision import House
from responder.handling import Responder
from responder.practice.errors import PracticeError
from responder.practice.loading import DEFAULT_FILE, load, load_default
from responder.practice.model import Practice
from responder.senders.http import client
from responder.senders.twilio import Twilio
from responder.senders.voipms import VoipMs
from responder.senders.watched import Watched
from responder.sending.claims import Claims
from responder.sending.inquiry import Inquiry
from responder.sending.outbox import Outbox
from responder.sending.pace import Pace
from responder.settings import ResponderSettings
from responder.silence.quotas import Quotas
from responder.store import Store
from responder.understanding.classifying import load_model
from responder.understanding.remote import Remote

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
    replies, consent, budgets = Store(bus, REPLIES), Store(bus, CONSENT), Store(bus, BUDGETS)
    calls, notices = Store(bus, CALLS), Store(bus, NOTICES)
    learning = Learning(Ledger(consent), Lines(consent), bus.publish)
    outbox = outbox_of(settings, senders, Claims(replies), learning.ledger)
    house = house_of(settings, ours, frozenset(senders))
    quotas, alerts, known_calls = Quotas(budgets, ours.budgets), AlertBook(notices), CallBook(calls, notices)
    staff, remote = Staff(ours, alerts, bus.publish), remote_of(settings, http)
    responder = Responder(house, outbox, learning, quotas, staff, bus.publish, remote=remote)
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
            REPLIES.name: replies.problem,
            CONSENT.name: consent.problem,
            BUDGETS.name: budgets.problem,
            CALLS.name: calls.problem,
            NOTICES.name: notices.problem,
            **{provider: sender.problem for provider, sender in senders.items()},
        },
        alive=bus.alive,
    )


def remote_of(settings: ResponderSettings, http: httpx.AsyncClient) -> Remote | None:
    """The language model that unclear texts are shown to, where one is configured."""
    if not settings.understanding_api_url or not settings.understanding_model:
        return None
    key = settings.understanding_api_key
    return Remote(
        http, settings.understanding_api_url, settings.understanding_model, key.get_secret_value() if key else None
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


def numbers_of(settings: ResponderSettings, senders: Collection[str]) -> dict[str, str]:
    """Our number at each provider that we can send by."""
    return {provider: number for provider, number in settings.numbers.items() if provider in senders}


def outbox_of(settings: ResponderSettings, senders: Mapping[str, Watched], claims: Claims, ledger: Ledger) -> Outbox:
    """The one way out for texts."""
    inquiry = Inquiry(senders, claims, timedelta(seconds=settings.send_listed_within))
    return Outbox(senders, claims, ledger, inquiry, Pace(settings.texts_per_second))


def practice_of(settings: ResponderSettings) -> Practice:
    """The practice file: the one that was named, or else the usual one. Raises `SettingsError`."""
    named = "practice_file" in settings.model_fields_set
    if not named and not DEFAULT_FILE.exists():
        log.warning("there is no practice file: an invented practice answers", missing=str(DEFAULT_FILE.absolute()))
    try:
        return load(settings.practice_file) if named else load_default()
    except PracticeError as error:
        raise SettingsError([f"PRACTICE_FILE: {problem}" for problem in error.problems]) from error


def senders_of(settings: ResponderSettings, http: httpx.AsyncClient) -> dict[str, Watched]:
    """The providers whose credentials are set, by the name that events carry."""
    senders: dict[str, Watched] = {}
    if settings.twilio_account_sid and settings.twilio_auth_token:
        twilio = Twilio(
            http,
            api_url=settings.twilio_api_url,
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            status_callback=settings.status_callback,
        )
        senders["twilio"] = Watched("twilio", twilio)
    if settings.voipms_username and settings.voipms_password:
        voipms = VoipMs(
            http,
            api_url=settings.voipms_api_url,
            username=settings.voipms_username,
            password=settings.voipms_password.get_secret_value(),
        )
        senders["voipms"] = Watched("voipms", voipms)
    return senders
