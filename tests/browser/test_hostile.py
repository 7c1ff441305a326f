"""Markup and scripts that come as texts, names, transcripts and parameters are shown as what they are: words."""

from datetime import UTC, datetime
from urllib.parse import quote

import psycopg
import pytest
from playwright.async_api import Page, expect

from contracts.recording import RecordingReady, TranscriptionCompleted
from contracts.staff import CallbackRequested
from support.front_desk import call, happened, number, text
from support.recorder import as_json, record

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = (
    """<script>window.broken=1</script><img src=x onerror="window.broken=2">"><svg onload=window.broken=3>'{{7*7}}"""
)
SID = "SM<img src=x onerror=window.broken=4>/../\"'?&#%2e"


@pytest.fixture
def attacked(connection: psycopg.Connection) -> None:
    """Everything a stranger can choose is hostile."""
    now = datetime.now(UTC)
    ready = happened(
        RecordingReady, now, recording_sid=SID, call_sid=SID, recording_url="javascript:window.broken=5",
        metadata={"RecordingSource": "RecordVerb", HOSTILE: HOSTILE},
    )  # fmt: skip
    said = {"start": 0.0, "end": 1.0, "speaker": HOSTILE, "text": HOSTILE}
    transcript = happened(
        TranscriptionCompleted, now, recording_sid=SID, call_sid=SID, transcription_text=HOSTILE, segments=(said, said),
        language=HOSTILE, engine=HOSTILE, model=HOSTILE,
    )  # fmt: skip
    events = [
        text(SID, number(1), now, HOSTILE, media=({"url": HOSTILE, "content_type": HOSTILE},)),
        text("SMnobody", HOSTILE[:120], now, HOSTILE),
        happened(CallbackRequested, now, origin=SID, number=number(1), name=HOSTILE, about=HOSTILE),
        *call(SID, number(2), now, "completed", 30),
        ready,
        transcript,
    ]
    record(connection, as_json(events))
    for function in ("add_note('call', %s, %s, %s)", "assign('call', %s, %s)"):
        given = (f"twilio/{SID}", HOSTILE, HOSTILE)[: function.count("%s")]
        connection.execute(f"select {function}".encode(), given)


@pytest.mark.usefixtures("attacked")
async def test_hostile_words_do_nothing_on_any_page(page: Page) -> None:
    await page.goto("/")
    await expect(page.locator(".said").filter(has_text="{{7*7}}").first).to_be_visible()
    await page.locator(".card").filter(has_text="Voicemail").first.get_by_role("link", name="Listen").click()
    await expect(page.locator(".transcript .prose").first).to_have_text(HOSTILE)
    await expect(page.locator(".notes")).to_contain_text(HOSTILE)
    for path in ("/", "/conversations", "/calls", "/analytics", f"/search?q={quote('onerror')}"):
        await page.goto(path)
        await expect(page.locator("#live-state")).to_be_visible()
        assert await page.evaluate("window.broken") is None
        assert await page.locator("main :is(script, img, iframe, object, [onerror], [onload])").count() == 0


PARAMETERS = (
    "/search?q={}", "/calls?number={}&outcome={}&period={}", "/calls?cursor={}", "/conversations?cursor={}",
    "/conversations/{}", "/calls/twilio/{}", "/recordings/twilio/{}", "/analytics?period={}",
    "/?did=done&did_kind=call&did_key={}", "/?did={}", "/login?next={}",
)  # fmt: skip
PAYLOADS = (HOSTILE, "' or 1=1; drop table events; --", "\0", "%", "x" * 3000, "//evil.example/")


async def test_hostile_parameters_do_nothing(page: Page) -> None:
    for path in PARAMETERS:
        for payload in PAYLOADS:
            response = await page.goto(path.replace("{}", quote(payload, safe="")), wait_until="domcontentloaded")
            assert response is not None
            assert response.status in (200, 400, 404, 422), path
            assert await page.evaluate("window.broken") is None, path
            assert await page.locator("main :is(script, img)").count() == 0, path
