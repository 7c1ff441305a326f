"""The recorder's port as browsers and programs meet it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx

from chassis.recordings.download import new_client
from recorder.database import Database
from recorder.settings import RecorderSettings
from recorder.web import web_app
from recorder.web.desk import make_desk
from support.recorder import serving

PASSWORD = "Zähne putzen: ja"  # RFC 7617 lets a password hold colons and, in UTF-8, anything else
HOSTILE = "<script>alert(1)</script><img src=x onerror='alert(2)'>\"&amp;'; drop table events; --"
JSON = {"Content-Type": "application/json"}


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = field(default_factory=lambda: datetime(2026, 9, 7, 16, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def forward(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)


def credentials(password: str = PASSWORD, user: str = "anybody") -> httpx.BasicAuth:
    """HTTP Basic."""
    return httpx.BasicAuth(user.encode(), password.encode())


@contextlib.asynccontextmanager
async def visiting(
    database: Database, clock: Clock | None = None, *, password: str | None = PASSWORD, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the port, without credentials; it does not follow redirects."""
    given = {"database_url": "postgresql://unused/unused", "dashboard_password": password, **settings}
    async with new_client("recorder") as providers:
        app = web_app(make_desk(RecorderSettings(**given), database, providers, clock or (lambda: datetime.now(UTC))))
        async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield client


async def sign_in(client: httpx.AsyncClient, name: str = "Maria", password: str = PASSWORD) -> httpx.Response:
    """Sign in by the form; the client keeps the cookie."""
    return await client.post("/login", data={"name": name, "password": password})


class Elements(HTMLParser):
    """Which elements a browser sees, and the text outside of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """An element."""
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text += data
