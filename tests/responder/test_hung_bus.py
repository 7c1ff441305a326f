"""NATS may write down a claim whose writer gave up on it: who knows that nothing was sent tries again."""

from datetime import UTC, datetime

import pytest

from chassis.failures import Unavailable
from contracts.sms import SmsSent, SmsSuppressed, SuppressionReason
from contracts.topology import CONSENT, REPLIES
from responder.claims import SENDING_TAKES, Claims
from responder.consent import Ledger
from responder.decision import House
from responder.handling import Responder
from responder.senders.http import client
from responder.senders.twilio import Twilio
from responder.store import Store
from support.responder import Office, patients_text, the_practice

LATER = datetime.now(UTC) + 2 * SENDING_TAKES


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


def responder(office: Office, sender: Twilio, replies: Store) -> Responder:
    house = House(the_practice(), frozenset(), frozenset({"twilio"}))
    ledger = Ledger(Store(office.operator, CONSENT))
    return Responder(house, {"twilio": sender}, Claims(replies), ledger, office.operator.publish, now=lambda: LATER)


@pytest.mark.parametrize(("survives", "texts"), [(True, 1), (False, 0)], ids=["it lives on", "another takes over"])
async def test_a_claim_written_after_its_process_gave_up_is_used_again_by_that_process_only(
    office: Office, survives: bool, texts: int
) -> None:
    event = patients_text("hours?", sid="SM1")
    async with client() as http:
        account = {"account_sid": office.twilio.account_sid, "auth_token": office.twilio.auth_token}
        sender = Twilio(http, api_url=office.twilio.url, **account, status_callback=None)
        first = responder(office, sender, Hung(office.operator, REPLIES))
        with pytest.raises(Unavailable, match="no answer"):
            await first.handle(event)
        assert office.twilio.sends == []
        other = responder(office, sender, Store(office.operator, REPLIES))
        for _ in range(2):
            await (first if survives else other).handle(event)
    (outcome,) = await office.outcomes(event)
    assert len(office.twilio.sends) == texts
    if survives:
        assert isinstance(outcome, SmsSent)
    else:
        assert isinstance(outcome, SmsSuppressed)
        assert outcome.data.reason is SuppressionReason.UNKNOWN_OUTCOME
