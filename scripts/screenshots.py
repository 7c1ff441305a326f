"""Make the pictures of docs/screenshots again: every page, desktop and phone, from invented data.

python scripts/screenshots.py [folder]
"""

import asyncio
import secrets
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from playwright.async_api import Browser  # noqa: E402
from pydantic import SecretStr  # noqa: E402

from chassis.recordings.download import new_client  # noqa: E402
from ops.embedded.postgres import EmbeddedPostgres  # noqa: E402
from recorder.direct import DirectDatabase  # noqa: E402
from recorder.migrate import migrate  # noqa: E402
from recorder.settings import RecorderSettings  # noqa: E402
from recorder.web import web_app  # noqa: E402
from recorder.web.desk import make_desk  # noqa: E402
from support.browser import PHONE, browsing, chromium, signed_in, visitor  # noqa: E402
from support.front_desk import PRACTICE, number, weeks  # noqa: E402
from support.recorder import as_json, record, serving  # noqa: E402

NOW = datetime(2026, 9, 9, 14, 42, tzinfo=UTC)
PASSWORD = secrets.token_urlsafe()
THREAD = f"/conversations/{PRACTICE}:{number(32)}"
PAGES = {
    "today": "/",
    "conversations": THREAD,
    "calls": "/calls",
    "call": "/calls/twilio/CAanswered",
    "analytics": "/analytics",
    "search": "/search?q=crown",
}
DARK = ("today", "analytics")
SCREEN = {"width": 1180, "height": 700}


def seed(url: str) -> None:
    """Weeks of a practice, and what its front desk did."""
    migrate(url)
    events = sorted(as_json(weeks(NOW)), key=lambda event: str(event["time"]))
    with psycopg.connect(url, autocommit=True) as connection:
        for start in range(0, len(events), 500):
            record(connection, events[start : start + 500])
        connection.execute("select mark_done('call', 'twilio/CAanswered', true, 'Maria')")
        connection.execute("select assign('call', 'twilio/CAmissed1', 'Tom')")
        connection.execute(
            "select add_note('call', 'twilio/CAanswered', 'Night guard is in the second drawer, bag 14.', 'Maria')"
        )
        connection.execute(
            "select mark_done('call', provider || '/' || call_sid, true, 'Tom') from phone_calls"
            " where outcome in ('missed', 'voicemail') and started_at < %s",
            (NOW - timedelta(days=1),),
        )
        connection.execute("select mark_opened('call', 'twilio/CAanswered', 'Maria')")
        connection.execute("select mark_opened('conversation', %s, 'Maria')", (f"{PRACTICE}:{number(32)}",))
        connection.execute("update staff_marks set opened_at = %s where opened_at is not null", (NOW,))
        connection.execute("update staff_marks set done_at = %s where done_at is not null", (NOW,))
        connection.execute("update notes set written_at = %s", (NOW,))


async def pictures(url: str, folder: Path) -> None:
    """All of them."""
    async with browsing(chromium()) as browser:
        await picture(browser, url, folder, "desktop", viewport=SCREEN)
        phone: dict[str, Any] = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
        await picture(browser, url, folder, "phone", **phone)
        await picture(browser, url, folder, "dark", viewport=SCREEN, color_scheme="dark")


async def picture(browser: Browser, url: str, folder: Path, kind: str, **options: Any) -> None:
    """Every page on one kind of screen."""
    context = await visitor(browser, url, **options)
    page = await signed_in(context, PASSWORD)
    for name in DARK if kind == "dark" else PAGES:
        await page.goto(PAGES[name])
        await page.locator("#live-state:visible").wait_for(state="attached" if kind == "phone" else "visible")
        await page.screenshot(path=folder / f"{name}-{kind}.png", animations="disabled")
    await context.close()


async def look(database_url: str, folder: Path) -> None:
    """Serve the weeks and look at them."""
    database = DirectDatabase(database_url)
    settings = RecorderSettings(database_url=SecretStr(database_url), dashboard_password=SecretStr(PASSWORD))
    async with (
        new_client("recorder") as providers,
        serving(web_app(make_desk(settings, database, providers, lambda: NOW))) as url,
    ):
        await pictures(url, folder)
    await database.close()


def main(folder: Path) -> None:
    """Make the weeks and look at them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)  # Postgres runs as `nobody` for root
        server = EmbeddedPostgres(Path(scratch) / "postgres", durable=False).start()
        try:
            seed(server.url)
            asyncio.run(look(server.url, folder))
        finally:
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
