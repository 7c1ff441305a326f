"""Credentials that a provider refuses keep texts waiting, visibly, and lose none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.failures import Unavailable
from contracts.sms import SmsReceived, SmsSent, SmsSuppressed, SuppressionReason
from contracts.topology import REPLIES
from responder.decision import TOO_OLD
from responder.senders.http import client
from responder.senders.twilio import Twilio
from responder.senders.watched import Watched
from responder.sending.claims import Claims, Held, NotSent
from responder.sending.keys import reply_key
from responder.sending.retrying import SEND_ATTEMPTS
from responder.store import Store
from support.responder import Office, patients_text, responder_on
from support.waiting import eventually


async def claimed(office: Office, event: SmsReceived) -> Held:
    return await Claims(Store(office.operator, REPLIES)).get(reply_key(event.id))


@pytest.mark.parametrize(("provider", "code"), [("twilio", "20003"), ("voipms", "ip_not_enabled")])
async def test_a_text_during_a_rotation_is_answered_once_the_provider_knows_us_again(
    office: Office, tmp_path: Path, provider: str, code: str
) -> None:
    office.twilio.refuse(401, 20003)
    office.voipms.status("ip_not_enabled")
    log = tmp_path / "log"

    async def problem() -> str | None:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{office.ops_port}/readyz", timeout=5)
        found: dict[str, str] = answer.json()["problems"]
        return found.get(provider)

    async def works() -> bool:
        return await problem() is None

    with office.responder_process(log, SEND_FALLBACK="false"):
        await eventually(works, within=20)
        event = await office.receive(patients_text("hours?", sid="SM1", provider=provider))
        assert await eventually(problem) == f"refuses our credentials ({code})"
        assert await office.outcomes(event) == []
        assert isinstance(await office.outcome(event), SmsSent)
        await eventually(works)
    refused = [line for line in log.read_text().splitlines() if "refuses our credentials" in line]
    assert len(refused) == 1
    for said in ("error", provider, code):
        assert f'"{said}"' in refused[0]


async def test_refused_credentials_spend_no_attempts_and_end_when_the_text_is_too_old(office: Office) -> None:
    event, now = patients_text("hours?", sid="SM1"), datetime.now(UTC)
    labels = {"provider": "twilio", "code": "20003"}
    before = REGISTRY.get_sample_value("frontdesk_provider_refusals_total", labels) or 0
    async with client() as http:
        account = {"account_sid": office.twilio.account_sid, "auth_token": "old"}
        twilio = Watched("twilio", Twilio(http, api_url=office.twilio.url, **account, status_callback=None))
        responder = responder_on(office.operator, {"twilio": twilio}, now=lambda: now)
        for _ in range(SEND_ATTEMPTS + 1):
            with pytest.raises(Unavailable, match="20003"):
                await responder.handle(event)
        assert (await claimed(office, event)).claim == NotSent(attempts=0, code="20003")
        now += TOO_OLD + timedelta(minutes=1)
        await responder.handle(event)
    (outcome,) = await office.outcomes(event)
    assert isinstance(outcome, SmsSuppressed)
    assert outcome.data.reason is SuppressionReason.TOO_OLD
    assert REGISTRY.get_sample_value("frontdesk_provider_refusals_total", labels) == before + SEND_ATTEMPTS + 1
