"""The page with a screen reader's eyes, with a keyboard only, without scripts, without its database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from psycopg import sql

from support.browser import DESKTOP, PASSWORD, PHONE, signed_in, visitor
from support.front_desk import PRACTICE, call, number
from support.recorder import as_json, record

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
THREAD = f"/conversations/{PRACTICE}:{number(32)}"
PAGES = ("/", "/conversations", THREAD, "/calls", "/calls/twilio/CAanswered", "/analytics", "/search?q=crown",
         "/search", "/calls/twilio/none", "/login")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing(browser: Browser, url: str, screen: dict[str, int], scheme: str) -> None:
    context = await visitor(browser, url, viewport=screen, color_scheme=scheme, bypass_csp=True)
    page = await signed_in(context)
    found = {}
    for path in PAGES:
        await page.goto(path)
        for summary in await page.locator("summary").all():
            await summary.click()
        await page.evaluate(AXE)
        result: Any = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
        assert len(result["passes"]) > 10
        found[path] = [(each["id"], each["nodes"][0]["html"][:200]) for each in result["violations"]]
        overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0, f"{path} scrolls sideways"
    await context.close()
    assert {path: violations for path, violations in found.items() if violations} == {}


async def test_a_keyboard_is_enough(context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto("/")
    await page.keyboard.type("Maria")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Today")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")
    voicemails = page.get_by_role("region", name="Voicemails")
    await tab_to(page, voicemails.get_by_role("link", name="Listen"))
    await page.keyboard.press("Enter")
    sentence = page.get_by_role("list", name="Transcript").get_by_role("link").nth(2)
    await tab_to(page, sentence)
    await page.keyboard.press("Enter")
    await expect(page.locator(".playing")).to_contain_text("sensitive to cold")
    await tab_to(page, page.get_by_label("Note"))
    await page.keyboard.type("Booked for Tuesday")
    await tab_to(page, page.get_by_role("button", name="Add note"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".notes")).to_contain_text("Booked for Tuesday")


async def tab_to(page: Page, target: Any) -> None:
    """Press Tab until the focus, which must be visible all the while, is there."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")


async def test_without_scripts_everything_but_live_news_works(browser: Browser, url: str) -> None:
    context = await visitor(browser, url, java_script_enabled=False)
    page = await signed_in(context)
    await page.get_by_role("button", name="Done").first.click()
    await expect(page.get_by_text("Marked as done.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Open again.")).to_be_visible()
    await page.goto("/calls/twilio/CAvoicemail")
    await page.get_by_label("Note").fill("By hand")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.locator(".notes")).to_contain_text("By hand")
    await page.goto("/analytics")
    await expect(page.get_by_role("table").first).to_be_visible()
    await page.goto("/search?q=crown")
    await expect(page.locator("mark").first).to_have_text("crown")
    await context.close()


async def test_the_page_says_when_the_database_is_away_and_when_it_is_back(
    page: Page, connection: psycopg.Connection, postgres_url: str
) -> None:
    await expect(page.locator("#live-state")).to_be_visible()
    name = sql.Identifier(connection.info.dbname)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(sql.SQL("alter database {} with allow_connections false").format(name))
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (connection.info.dbname,)
        )
        await expect(page.locator("#not-live")).to_contain_text("Not up to date", timeout=15_000)
        await expect(page.get_by_role("heading", name="Missed calls")).to_be_visible()
        other = await page.context.new_page()
        response = await other.goto("/calls")
        assert response is not None
        assert response.status == 503
        await expect(other.locator("main")).to_contain_text("The database cannot be reached")
        admin.execute(sql.SQL("alter database {} with allow_connections true").format(name))
    await expect(page.locator("#not-live")).to_be_hidden(timeout=15_000)
    await other.get_by_role("link", name="Try again").click()
    await expect(other.get_by_role("heading", level=1)).to_have_text("Calls")


async def test_a_page_left_open_leads_to_the_form_when_its_session_is_over(
    page: Page, connection: psycopg.Connection
) -> None:
    await expect(page.locator("#live-state")).to_be_visible()
    connection.execute("delete from staff_sessions")
    record(connection, as_json(list(call("CAlate", number(5), datetime.now(UTC), "no-answer", 0))))
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.get_by_text("555-01")).to_have_count(0)
