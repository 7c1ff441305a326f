"""The real process: `python -m gateway`."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import httpx

from chassis.bus import Bus
from ops.embedded.children import free_port
from support.backends import NatsServer
from support.gateway import BASE_URL, TOKEN, VOIPMS_TOKEN, published, sign
from support.waiting import eventually

CANARY = {"MessageSid": "SM1", "From": "+13475559876", "To": "+12125550100", "Body": "canary words of a patient"}
SENSITIVE = ("3475559876", "canary words", TOKEN, VOIPMS_TOKEN, "Signature")


async def start(environment: dict[str, str], *arguments: str) -> Process:
    spool = Path(environment["WEBHOOK_LOG_FILE"]).parent / "spool"
    inherited = {"PATH": os.environ["PATH"], "LOG_LEVEL": "debug", "SPOOL_DIR": str(spool)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *arguments, env=inherited | environment, stdout=PIPE, stderr=PIPE
    )


async def test_the_process_serves_logs_without_secrets_and_stops(
    nats: NatsServer, operator: Bus, tmp_path: Path
) -> None:
    port, ops, log_file = free_port(), free_port(), tmp_path / "logs" / "webhook.log"
    process = await start(
        {
            "NATS_URL": nats.url("gateway"),
            "GATEWAY_PORT": str(port),
            "GATEWAY_OPS_PORT": str(ops),
            "WEBHOOK_LOG_FILE": str(log_file),
            "WEBHOOK_BASE_URL": BASE_URL,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "VOIPMS_ALLOWED_IPS": "203.0.113.0/24",
            "VOIPMS_WEBHOOK_TOKEN": VOIPMS_TOKEN,
        }
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:

        async def ready() -> bool:
            try:
                return (await http.get(f"http://127.0.0.1:{ops}/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(ready, within=20)
        path = "/webhooks/twilio/sms/incoming"
        headers = {"x-twilio-signature": sign(path, CANARY)}
        for _ in range(2):
            assert (await http.post(path, data=CANARY, headers=headers)).text.endswith("<Response/>")
        assert (await http.post(path, data=CANARY, headers={"x-twilio-signature": "x"})).status_code == 403
        query = {"from": "3475559876", "to": "2125550100", "message": CANARY["Body"], "token": VOIPMS_TOKEN}
        forged = {"x-forwarded-for": "203.0.113.5"}
        assert (await http.get("/api/voip/sms/webhook", params=query, headers=forged)).status_code == 403
        assert (await http.post(path, data={"From": "+13475559876"}, headers=headers)).status_code == 403
        metrics = (await http.get(f"http://127.0.0.1:{ops}/metrics")).text
    assert f'webhooks_total{{outcome="accepted",provider="twilio",route="{path}"}} 2.0' in metrics
    process.send_signal(signal.SIGTERM)
    out, err = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    written = (out + err).decode() + log_file.read_text() + metrics
    assert [word for word in SENSITIVE if word in written] == []
    assert len(log_file.read_text().splitlines()) == 5
    assert [event.data.message for _, event in await published(operator)] == [CANARY["Body"]]


async def test_callers_are_answered_and_webhooks_kept_before_nats_is_there(tmp_path: Path) -> None:
    port, log_file = free_port(), tmp_path / "webhook.log"
    process = await start(
        {
            "NATS_URL": f"nats://127.0.0.1:{free_port()}",
            "GATEWAY_PORT": str(port),
            "GATEWAY_OPS_PORT": "0",
            "WEBHOOK_LOG_FILE": str(log_file),
            "WEBHOOK_BASE_URL": BASE_URL,
            "TWILIO_AUTH_TOKEN": TOKEN,
        }
    )
    call = {"CallSid": "CA1", "CallStatus": "ringing", "From": "+12125550123", "To": "+12125550100"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:

        async def answered() -> bool:
            try:
                answer = await http.post(
                    "/voice/incoming", data=call, headers={"x-twilio-signature": sign("/voice/incoming", call)}
                )
            except httpx.TransportError:
                return False
            return answer.status_code == 200 and "<Record " in answer.text

        await eventually(answered, within=20)
        path = "/webhooks/twilio/voice/status"
        kept = await http.post(path, data=call, headers={"x-twilio-signature": sign(path, call)})
        assert kept.status_code == 204
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0


async def test_an_unwritable_request_log_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = await start({"WEBHOOK_LOG_FILE": str(tmp_path / "file" / "webhook.log")})
    _, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert b"WEBHOOK_LOG_FILE" in err
