"""The responder as a process: readiness, metrics, an orderly end."""

import signal
from pathlib import Path

import httpx

from contracts.topology import CONSENT
from ops.bus.provisioning import apply
from support.responder import Office, patients_text
from support.waiting import eventually


async def answered(office: Office, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        try:
            return await http.get(f"http://127.0.0.1:{office.ops_port}{path}", timeout=5)
        except httpx.ConnectError as error:
            raise ConnectionError from error


async def test_it_is_ready_when_bus_and_buckets_are_and_says_what_is_missing(office: Office, tmp_path: Path) -> None:
    await office.operator.js.delete_key_value(CONSENT.name)

    async def problems() -> dict[str, str]:
        found: dict[str, str] = (await answered(office, "/readyz")).json()["problems"]
        return found

    async def only_the_bucket_is_missing() -> bool:
        return set(await problems()) == {CONSENT.name}

    async def ready() -> bool:
        return (await answered(office, "/readyz")).status_code == 200

    with office.responder_process(tmp_path / "log") as process:
        await eventually(only_the_bucket_is_missing, within=20)
        await apply(office.nats.url())
        await eventually(ready)
        await office.outcome(await office.receive(patients_text("hours?", sid="SM1")))
        metrics = (await answered(office, "/metrics")).text
        assert 'frontdesk_replies_total{category="hours",outcome="sent",provider="twilio"} 1.0' in metrics
        process.send_signal(signal.SIGTERM)
        await eventually(lambda: process.poll() is not None)
        assert process.returncode == 0


async def test_it_ends_orderly_while_nats_is_away(office: Office, tmp_path: Path) -> None:
    office.nats.stop()

    async def not_ready() -> bool:
        return (await answered(office, "/readyz")).status_code == 503

    with office.responder_process(tmp_path / "log") as process:
        await eventually(not_ready, within=20)
        assert (await answered(office, "/healthz")).status_code == 200
        process.send_signal(signal.SIGTERM)
        await eventually(lambda: process.poll() is not None)
        assert process.returncode == 0
