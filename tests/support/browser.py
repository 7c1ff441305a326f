"""A real browser: the Chromium that this machine has, without any network but loopback."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

DESKTOP = {"width": 1280, "height": 800}
PASSWORD = "front desk of the tests"
PHONE = {"width": 390, "height": 844}
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--no-sandbox",  # tests may run as root, where Chromium has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)


def chromium() -> str | None:
    """Where Chromium is: `CHROMIUM`, or the first that is found on the PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


@contextlib.asynccontextmanager
async def browsing(executable: str | None) -> AsyncIterator[Browser]:
    """A fresh Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=_QUIET)
        yield browser
        await browser.close()


async def visitor(browser: Browser, url: str, **options: Any) -> BrowserContext:
    """Somebody with a browser of their own; New York's clock, as the practice's."""
    given: dict[str, Any] = {
        "viewport": DESKTOP,
        "locale": "en-US",
        "timezone_id": "America/New_York",
        "reduced_motion": "reduce",
        **options,
    }
    return await browser.new_context(base_url=url, **given)


async def signed_in(context: BrowserContext, password: str = PASSWORD, name: str = "Maria") -> Page:
    """A page on *Today*, after the sign-in form."""
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/")
    return page
