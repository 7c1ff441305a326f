"""What a front desk does, in a real browser."""

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.async_api import BrowserContext, Page, expect

from support.front_desk import CONVERSATION, answered, call, number, recorded, text
from support.recorder import as_json, record

pytestmark = pytest.mark.asyncio(loop_scope="session")

VOICEMAIL = "/calls/twilio/CAvoicemail"


async def test_a_text_arrives_live_and_its_thread_is_read(page: Page, connection: psycopg.Connection) -> None:
    await expect(page.locator("#live-state")).to_be_visible()
    texts = page.get_by_role("region", name="Texts to answer")
    await expect(texts.get_by_role("listitem")).to_have_count(2)
    asked = text("SMnew", number(71), datetime.now(UTC), "Can somebody call me about my bridge?")
    record(connection, as_json([asked]))
    await expect(texts.get_by_text("Can somebody call me about my bridge?")).to_be_visible()
    await expect(page.locator("#announcements")).to_contain_text("Texts to answer: 3")
    assert "(9) Today" in await page.title()

    await texts.get_by_role("link", name=re.compile(r"Open.+Text, \(646\) 555-0171")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("(646) 555-0171")
    await expect(page.locator(".bubble.theirs .words")).to_contain_text("Can somebody call me about my bridge?")
    record(connection, as_json(list(answered(asked, 1, "none", by="default", confidence=0.4, needs_staff=True))))
    reply = page.locator(".bubble.ours")
    await expect(reply).to_contain_text("Thanks for texting Bright Harbor Dental")
    await expect(reply).to_contain_text("Automatic reply")
    await expect(reply).to_contain_text("Delivered")
    await expect(page.locator(".bubble.theirs")).to_contain_text("Not understood")


async def test_a_voicemail_is_played_read_and_marked_as_done(page: Page) -> None:
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="(312) 555-0119", exact=True))
    await expect(card).to_contain_text("My temporary crown came off this morning")
    await card.get_by_role("link", name="Listen").click()
    await page.wait_for_url(f"**{VOICEMAIL}")
    transcript = page.get_by_role("list", name="Transcript")
    await transcript.get_by_text("It does not hurt but it is sensitive to cold.").click()
    await expect(transcript.locator("[aria-current=true]")).to_contain_text("sensitive to cold")
    assert await page.locator("audio").evaluate("audio => !audio.paused && audio.currentTime >= 8.5")
    assert 19 < await page.locator("audio").evaluate("audio => audio.duration") < 21

    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_text("Marked as done.")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^Done by Maria, .+ First opened by Maria"))).to_be_visible()
    assert await page.locator("audio").evaluate("audio => !audio.paused"), "sending a form stopped the voicemail"
    await page.get_by_role("link", name="Today").click()
    await expect(page.get_by_role("heading", name="Missed calls")).to_be_visible()
    await expect(page.get_by_text("(312) 555-0119")).to_have_count(0)


async def test_what_was_done_by_mistake_is_undone_and_the_focus_goes_on(page: Page) -> None:
    missed = page.get_by_role("region", name="Missed calls")
    await expect(missed.get_by_role("listitem")).to_have_count(2)
    await missed.get_by_role("button", name=re.compile(r"Done.+\(917\) 555-0103")).click()
    await expect(missed.get_by_role("listitem")).to_have_count(1)
    await expect(missed.get_by_role("link", name="(917) 555-0158", exact=True)).to_be_focused()
    await page.get_by_role("button", name="Undo").click()
    await expect(missed.get_by_role("listitem")).to_have_count(2)


async def test_a_note_is_added_and_a_call_assigned(page: Page, context: BrowserContext) -> None:
    colleague = await context.new_page()
    await colleague.goto(VOICEMAIL)
    await page.goto(VOICEMAIL)
    await page.get_by_label("Note").fill("Called back, comes at four.")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.locator(".notes")).to_contain_text("Called back, comes at four.")
    await expect(page.get_by_label("Note")).to_have_value("")
    await page.get_by_label("Assigned to").fill("Tom")
    await page.get_by_role("button", name="Assign", exact=True).click()
    await expect(page.get_by_text("Assigned.", exact=True)).to_be_visible()
    await expect(colleague.locator(".notes")).to_contain_text("Maria")
    await expect(colleague.get_by_label("Assigned to")).to_have_value("Tom")


async def test_news_leaves_typed_words_opened_details_and_the_focus_alone(
    page: Page, connection: psycopg.Connection
) -> None:
    missed = page.get_by_role("region", name="Missed calls")
    card = missed.get_by_role("listitem").first
    await card.get_by_text("More").click()
    await card.get_by_label("Note").fill("half a sent")
    await expect(page.locator("#live-state")).to_be_visible()
    record(connection, as_json(list(call("CAnews", number(64), datetime.now(UTC), "no-answer", 0))))
    await expect(missed.get_by_role("listitem")).to_have_count(3)
    typed = missed.get_by_label("Note").first
    await expect(missed.locator("textarea:focus")).to_have_value("half a sent")
    await page.keyboard.type("ence")
    await expect(missed.locator("textarea:focus")).to_have_value("half a sentence")
    await expect(missed.locator("details[open]")).to_have_count(1)
    assert await typed.count() == 1


async def test_a_word_said_in_a_call_is_found_and_marked(page: Page) -> None:
    await page.keyboard.press("/")
    await page.wait_for_url("**/search")
    await expect(page.get_by_label("Words")).to_be_focused()
    await page.keyboard.type("night guards")
    await page.keyboard.press("Enter")
    hit = page.locator(".row").filter(has_text="Said in a call")
    await expect(hit.locator("mark")).to_have_text(["night", "guard"])
    await hit.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("(646) 555-0121")
    speakers = page.locator(".transcript strong")
    await expect(speakers).to_have_text([f"Speaker {1 + (s[2] == 'channel_2')}" for s in CONVERSATION])


async def test_a_transcript_appears_when_it_is_ready(page: Page, connection: psycopg.Connection) -> None:
    at = datetime.now(UTC) - timedelta(minutes=2)
    ready, transcribed = recorded("RElate", "CAlate", at, ((0.0, 1.0, "Just a moment"),))
    record(connection, as_json([*call("CAlate", number(8), at, "completed", 30), ready]))
    await page.goto("/calls/twilio/CAlate")
    await expect(page.get_by_text("Being written down")).to_be_visible()
    record(connection, as_json([transcribed]))
    await expect(page.get_by_role("list", name="Transcript")).to_contain_text("Just a moment")


async def test_calls_are_narrowed_by_outcome_and_number(page: Page) -> None:
    await page.get_by_role("link", name="Calls", exact=True).click()
    rows = page.locator(".row")
    await expect(rows).to_have_count(4)
    await page.get_by_label("Outcome").select_option("Voicemail")
    await page.get_by_role("button", name="Show").click()
    await expect(rows).to_have_count(1)
    await page.goto("/calls")
    await page.get_by_label("Number").fill("646 555 0121")
    await page.get_by_role("button", name="Show").click()
    await expect(rows).to_have_count(1)
    await page.get_by_label("Number").fill("nobody")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("This is not a phone number.")).to_be_visible()


async def test_a_chart_is_drawn_and_can_be_read_as_a_table(page: Page) -> None:
    await page.get_by_role("link", name="Analytics").click()
    chart = page.get_by_role("figure", name="Calls How calls")
    assert await chart.locator("canvas").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(each => each)"
    )
    await chart.get_by_role("button", name="Table").click()
    row = chart.locator("tbody tr").last
    await expect(row.locator("td")).to_have_text(["1", "1", "2"])
    await expect(page.get_by_role("list", name="In short")).to_contain_text("25 %")
    await page.get_by_role("link", name="12 months").click()
    await expect(page.get_by_role("figure", name="Calls How calls").locator("tbody tr")).to_have_count(12)


async def test_whoever_signs_out_sees_nothing_any_more(page: Page) -> None:
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/login*")
    await page.go_back()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_wrong_password_is_said_so(context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto("/calls?outcome=missed")
    await page.get_by_label("Password").fill("guessed")
    answer = page.expect_response("**/login")
    async with answer:
        await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("wrong password")
