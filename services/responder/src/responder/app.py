"""The responder, wired: patients' texts from the bus, replies by the providers' APIs, outcomes back on the bus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from chassis import logs
from chassis.bus import Bus
from chassis.consuming import subscribe
from chassis.process import Service
from chassis.settings import SettingsError
from contracts.topology import CONSENT, REPLIES, RESPONDER_TEXTS
from responder.claims import Claims
from responder.consent import Ledger
from responder.decision import House
from responder.handling import Responder
from responder.practice import DEFAULT_FILE, Practice, PracticeError, load, load_default
from responder.senders.http import client
from responder.senders.twilio import Twilio
from responder.senders.voipms import VoipMs
from responder.senders.watched import Watched
from responder.settings import ResponderSettings
from responder.store import Store

log = logs.get(__name__)

NAME = "responder"
CONCURRENCY = 4
"""Texts answered at a time; a slow provider holds each of them for up to ten seconds."""


def build(settings: ResponderSettings) -> Service:
    """The service, ready to run. Raises `SettingsError` when the practice file cannot be used."""
    ours = practice_of(settings)
    http = client()
    senders = senders_of(settings, http)
    bus = Bus(NAME, settings.nats_url.get_secret_value(), creds=settings.nats_creds)
    replies, consent = Store(bus, REPLIES), Store(bus, CONSENT)
    house = House(ours, settings.own_numbers | ours.own_numbers(), frozenset(senders))
    responder = Responder(house, senders, Claims(replies), Ledger(consent), bus.publish)
    subscribe(bus, RESPONDER_TEXTS, responder.handle, concurrency=CONCURRENCY)

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        log.info("answering texts", practice=ours.practice.name, providers=sorted(senders))
        async with http, asyncio.TaskGroup() as tasks:
            starting = tasks.create_task(bus.start(RESPONDER_TEXTS))  # apart, so that SIGTERM works while NATS is away
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
            **{provider: sender.problem for provider, sender in senders.items()},
        },
        alive=bus.alive,
    )


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
