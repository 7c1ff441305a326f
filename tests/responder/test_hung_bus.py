"""NATS may write down a claim whose writer gave up on it: who knows that nothing was sent tries again, others ask."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.failures import Unavailable
from contracts.sms import SmsSent
from contracts.topology import REPLIES
from responder.senders.http import client
from responder.senders.twilio import Twilio
from responder.store import Store
from support.responder import Office, patients_text, responder_on

LISTS_WITHIN = timedelta(minutes=1)


class Hung(Store):
    """The bucket of a NATS that stores the first write only after its client gave up on it."""

    answers = False

    async def put(self, key: str, value: bytes, revision: int) -> int:
        """Write; the first answer gets lost."""
        written = await super().put(key, value, revision)
        if self.answers:
            return written
        self.answers = True
        raise Unavailable("no answer")


@pytest.mark.parametrize("survives", [True, False], ids=["it lives on", "another takes over"])
async def test_a_claim_written_after_its_process_gave_up_leads_to_one_text(office: Office, survives: bool) -> None:
    event, started = patients_text("hours?", sid="SM1"), datetime.now(UTC)
    async with client() as http:
        account = {"account_sid": office.twilio.account_sid, "auth_token": office.twilio.auth_token}
        senders = {"twilio": Twilio(http, api_url=office.twilio.url, **account, status_callback=None)}
        hung = Hung(office.operator, REPLIES)
        first = responder_on(office.operator, senders, replies=hung, lists_within=LISTS_WITHIN)
        with pytest.raises(Unavailable, match="no answer"):
            await first.handle(event)
        assert office.twilio.sends == []
        clock = started
        other = responder_on(office.operator, senders, now=lambda: clock, lists_within=LISTS_WITHIN)
        if survives:
            await first.handle(event)
        else:
            with pytest.raises(Unavailable, match="in doubt"):
                await other.handle(event)
            assert office.twilio.sends == []
            clock = started + 2 * LISTS_WITHIN
        await other.handle(event)
    assert isinstance(await office.outcome(event), SmsSent)
    assert len(office.twilio.sends) == 1
    assert office.twilio.lists == (0 if survives else 2)
