"""A practice's morning behind the recorder's port, and browsers to look at it with."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from pydantic import HttpUrl, SecretStr

from chassis.recordings.download import new_client
from recorder.direct import DirectDatabase
from recorder.settings import RecorderSettings
from recorder.web import web_app
from recorder.web.desk import make_desk
from simulator.library import Library
from support.browser import PASSWORD, browsing, chromium, signed_in, visitor
from support.front_desk import a_morning
from support.recorder import as_its_role, as_json, record, serving
from support.recordings import Answer, Store


@pytest.fixture(scope="session")
def executable() -> str:
    """Chromium. Without one a developer's tests are skipped; CI's fail."""
    found = chromium()
    if found is not None:
        return found
    reason = "there is no Chromium on the PATH (Debian: apt-get install chromium), and CHROMIUM names none"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(executable: str) -> AsyncIterator[Browser]:
    """One browser; every test gets a context of its own, which shares nothing with others."""
    async with browsing(executable) as browser:
        yield browser


@pytest.fixture
def provider() -> Iterator[Store]:
    """Where the recordings of the morning lie."""
    store = Store()
    spoken, _ = Library().get("voicemail").best("wav")
    for sid in ("REvoicemail", "REanswered"):
        store.lay(f"/2010-04-01/Accounts/AC1/Recordings/{sid}.wav", Answer(body=spoken))
    yield store
    store.close()


def where_it_is_noon(now: datetime) -> ZoneInfo:
    """A time zone for the practice in which the morning is today's, whenever the tests run."""
    return ZoneInfo(f"Etc/GMT{now.hour - 12:+d}")


@pytest.fixture
def connection(migrated_url: str, provider: Store) -> Iterator[psycopg.Connection]:
    """The owner's connection to the database, with a morning in it."""
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        record(connection, as_json(list(a_morning(datetime.now(UTC), provider.url))))
        yield connection


@pytest_asyncio.fixture(loop_scope="session")
async def url(connection: psycopg.Connection, migrated_url: str, provider: Store) -> AsyncIterator[str]:
    """Where the page is."""
    database = DirectDatabase(as_its_role(migrated_url))
    settings = RecorderSettings(
        database_url=SecretStr(migrated_url),
        dashboard_password=SecretStr(PASSWORD),
        twilio_account_sid="AC1",
        twilio_auth_token=SecretStr("token"),
        twilio_api_url=HttpUrl(provider.url),
        practice_time_zone=where_it_is_noon(datetime.now(UTC)),
    )
    async with new_client("recorder") as providers, serving(web_app(make_desk(settings, database, providers))) as url:
        yield url
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, url: str) -> AsyncIterator[BrowserContext]:
    """Maria's browser. An error in a script, or anything against the policy, fails the test."""
    context = await visitor(browser, url)
    context.set_default_timeout(15_000)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield context
    await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    """Maria, signed in, on *Today*."""
    return await signed_in(context)
