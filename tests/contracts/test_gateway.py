"""What the gateway makes of the providers' recorded requests keeps the contracts."""

import json
from pathlib import Path
from typing import cast

from chassis.bus import Bus
from contracts.call import CallDetailRecorded, CallReceived, CallStatusChanged
from contracts.recording import RecordingReady
from contracts.sms import SmsReceived, SmsStatusChanged
from contracts.testing.plugin import MakeBus
from support.contracts import produces
from support.gateway import REQUESTS, serving


@produces(SmsReceived, SmsStatusChanged, CallReceived, CallStatusChanged, CallDetailRecorded, RecordingReady)
async def test_what_the_recorded_requests_lead_to_keeps_the_contracts(recording_bus: MakeBus, tmp_path: Path) -> None:
    bus = recording_bus("gateway")
    async with serving(cast("Bus", bus), tmp_path / "webhook.log") as gateway:  # of its bus it only uses `publish`
        for request in sorted(REQUESTS.rglob("*.http")):
            status, _, _ = await gateway.exchange(request.read_bytes())
            assert status == json.loads(request.with_suffix(".json").read_text())["status"], request.name
