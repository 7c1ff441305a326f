"""What every route of the page and the API works with; `web.app` puts it where `desk_of` finds it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import httpx
from fastapi import Depends, Request

from recorder.database import Database
from recorder.settings import RecorderSettings
from recorder.web.access.audit import Audit
from recorder.web.access.checking import PasswordCheck
from recorder.web.access.gate import Gate
from recorder.web.access.identity import Identity
from recorder.web.access.passwords import SharedPassword
from recorder.web.access.sessions import Lifetime, Sessions
from recorder.web.audio.player import Player, make_player
from recorder.web.reading.questions import Questions


@dataclass(frozen=True)
class Desk:
    """One per process."""

    gate: Gate
    ask: Questions
    audit: Audit
    player: Player
    now: Callable[[], datetime]
    zone: ZoneInfo
    """Of the practice: its days and hours."""


def make_desk(
    settings: RecorderSettings,
    database: Database,
    client: httpx.AsyncClient,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Desk:
    """The desk that the settings ask for; `client` is for recordings."""
    password = settings.dashboard_password
    shared = SharedPassword(password.get_secret_value()) if password and password.get_secret_value() else None
    whole, idle = settings.dashboard_session_hours, settings.dashboard_idle_minutes
    lifetime = Lifetime(timedelta(hours=whole), timedelta(minutes=idle))
    gate = Gate(
        database,
        shared,
        PasswordCheck(database, shared, lambda: now().timestamp()),
        Sessions(database, shared, lifetime, now),
        settings.trusted_proxies,
        now,
    )
    player = make_player(settings, client)
    return Desk(gate, Questions(database), Audit(database), player, now, settings.practice_time_zone)


def desk_of(request: Request) -> Desk:
    """The desk of this application."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


async def reader(request: Request) -> Identity:
    """Whoever is signed in; see `Gate.reader`."""
    return await desk_of(request).gate.reader(request)


async def writer(request: Request) -> Identity:
    """Whoever is signed in and may change what the request changes; see `Gate.writer`."""
    return await desk_of(request).gate.writer(request)


AtDesk = Annotated[Desk, Depends(desk_of)]
Reader = Annotated[Identity, Depends(reader)]
Writer = Annotated[Identity, Depends(writer)]
