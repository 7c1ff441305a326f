"""One trace from a webhook to its last consumer, collected from the real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.collector import Collector, Seen, collecting
from support.stack import Stack
from support.waiting import eventually

CALLER = "+13475550178"
SMS = "/webhooks/twilio/sms/incoming"
STATUS = "/webhooks/twilio/sms/status"
RECORDING = "/webhooks/twilio/recording/status"
GATEWAY, RECORDER, RESPONDER, TRANSCRIBER = (
    f"frontdesk-{name}" for name in ("gateway", "recorder", "responder", "transcriber")
)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


async def spans_of(collector: Collector, root: str, last: str) -> dict[str, Seen]:
    """The one trace that begins with `root` and has come to `last`, by names; every service exports alone."""

    def complete() -> list[Seen]:
        for begun in collector.named(root):
            spans = collector.trace(begun.trace_id)
            known = {span.span_id for span in spans}
            if any(span.name == last for span in spans) and all(not s.parent or s.parent in known for s in spans):
                return spans
        return []

    found: list[Seen] = await eventually(complete, within=60)
    return {span.name: span for span in found if span.name != "publish"}


def path(spans: dict[str, Seen], name: str) -> list[str]:
    """Names from the root to `name`; fails when a parent is missing."""
    by_id = {span.span_id: span for span in spans.values()}
    names, span = [name], spans[name]
    while span.parent:
        span = by_id[span.parent]
        names.insert(0, span.name)
    return names


async def test_a_trace_leads_from_the_webhook_to_the_last_consumer(open_path: Path, collector: Collector) -> None:
    stack = Stack(open_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="200")
    await stack.start()
    try:
        sent = stack.simulator("/twilio/texts", {"from_number": CALLER, "message": "When are you open?"})
        await stack.row("select * from sms_conversations where in_reply_to = %s", sent["message_sid"])
        text = await spans_of(collector, f"POST {SMS}", "record sms.sent")
        assert path(text, "record sms.received") == [f"POST {SMS}", "record sms.received"]
        assert path(text, "send by twilio") == [f"POST {SMS}", "handle sms.received", "send by twilio"]
        assert path(text, "record sms.sent") == [f"POST {SMS}", "handle sms.received", "record sms.sent"]
        assert {name: span.service for name, span in text.items()} == {
            f"POST {SMS}": GATEWAY,
            "handle sms.received": RESPONDER,
            "send by twilio": RESPONDER,
            "record sms.received": RECORDER,
            "record sms.sent": RECORDER,
        }
        assert text["send by twilio"].kind == "client"
        assert text["send by twilio"].attributes == {"frontdesk.outcome": "Accepted"}
        published = [span for span in collector.trace(text["record sms.sent"].trace_id) if span.name == "publish"]
        assert {(span.service, span.parent, span.attributes["messaging.destination.name"]) for span in published} == {
            (GATEWAY, text[f"POST {SMS}"].span_id, "events.sms.received"),
            (RESPONDER, text["handle sms.received"].span_id, "events.sms.sent"),
        }
        batches = {span.span_id: span for span in collector.named("record events")}
        [batch] = [batches[link] for link in text["record sms.received"].links]
        assert text["record sms.received"].parent in batch.links

        status = await spans_of(collector, f"POST {STATUS}", "record sms.status_changed")
        assert status["record sms.status_changed"].trace_id != text["record sms.sent"].trace_id

        stack.simulator("/twilio/calls", {"from_number": CALLER, "recording": "voicemail"})
        call = await spans_of(collector, f"POST {RECORDING}", "record transcription.completed")
        handled = [f"POST {RECORDING}", "handle recording.ready"]
        for name in ("fetch from twilio", "transcribe", "record transcription.completed"):
            assert path(call, name) == [*handled, name]
        assert call["transcribe"].service == TRANSCRIBER
    finally:
        assert stack.stop() == 0
    assert not any(CALLER[2:].encode() in body or b"When are you open" in body for body in collector.bodies)
    assert not any("OTEL" in line or "Failed to export" in line for line in stack.output)
