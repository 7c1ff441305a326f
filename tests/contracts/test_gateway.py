"""What the gateway makes of the providers' recorded requests keeps the contracts."""

import json
from collections.abc import Sequence
from pathlib import Path

from chassis.encoding import Encoded
from contracts import UnknownEvent, decode_event
from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged
from contracts.recording import RecordingReady
from contracts.sms import SmsReceived, SmsStatusChanged
from contracts.testing.plugin import MakeBus
from gateway.publishing.publisher import Durable
from support.contracts import produces
from support.gateway import REQUESTS, answering, slow


@produces(SmsReceived, SmsStatusChanged, CallReceived, CallStatusChanged, CallDetailRecorded, RecordingReady)
async def test_what_the_recorded_requests_lead_to_keeps_the_contracts(recording_bus: MakeBus, tmp_path: Path) -> None:
    bus = recording_bus("gateway")

    async def publish(events: Sequence[Encoded]) -> Durable:
        for encoded in events:
            event = decode_event(encoded.body)
            assert not isinstance(event, UnknownEvent)
            await bus.publish(event)
        return Durable.STREAM

    async with answering(slow(publish), tmp_path / "webhook.log") as gateway:
        for request in sorted(REQUESTS.rglob("*.http")):
            status, _, _ = await gateway.exchange(request.read_bytes())
            assert status == json.loads(request.with_suffix(".json").read_text())["status"], request.name
