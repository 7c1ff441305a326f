"""An emergency reaches the people on call, one after the other, each step once, until somebody takes it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis.failures import Unavailable
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.sms import SmsSent, SmsSuppressed, SuppressionReason
from contracts.staff import AlertAcknowledged, AlertKind, AlertRaised, AlertRaisedData
from responder.sms import size
from support.desk import Clock, Desk, desk_on, postponed, practice_with, senders_of
from support.responder import NUMBERS, PATIENT, TWILIO_NUMBER, Office, patients_text

EVENING = datetime(2026, 11, 17, 20, 14, tzinfo=UTC)
"""A Tuesday, 3:14 PM in New York."""
RIVERA, KIM = "+16465550123", "+16465550124"
ON_CALL = """
[[on_call.people]]
name = "Dr. Rivera"
number = "646-555-0123"

[[on_call.people]]
name = "Kim"
number = "646-555-0124"
"""


@dataclass
class Night:
    """The desk of a responder, and how much time has passed."""

    office: Office
    desk: Desk
    clock: Clock
    other_desk: Callable[[], Desk]
    """Another replica."""

    async def alert(self, sid: str = "SM1", kind: AlertKind = AlertKind.EMERGENCY_TEXT, **changes: str) -> AlertRaised:
        """An alert that is raised now."""
        fields = {"provider": "twilio", "from_number": PATIENT, "to_number": TWILIO_NUMBER, "origin": sid, **changes}
        return AlertRaised.of(AlertRaisedData(kind=kind, **fields), time=self.clock.at)

    async def look(self, alert: AlertRaised) -> float | None:
        """What happens when the alert is delivered: the seconds until it comes again."""
        return await postponed(self.desk.paging.handle(alert))

    async def wait(self, alert: AlertRaised, *, minutes: int) -> float | None:
        """The same, some time later."""
        self.clock.forward(minutes=minutes)
        return await self.look(alert)

    async def says(self, number: str, message: str, *, sid: str = "") -> None:
        """A text that comes in now."""
        text = patients_text(message, sid=sid or uuid4().hex, sender=number, at=self.clock.at)
        await self.desk.responder.handle(text)

    async def relieve(self) -> None:
        """Deliver what was acknowledged."""
        for event in await self.office.published(AlertAcknowledged):
            await self.desk.paging.handle(event)

    def told(self) -> list[tuple[str, str]]:
        """Every text that left by Twilio."""
        return [(sent["To"], sent["Body"]) for sent in self.office.twilio.sends]

    def numbers(self) -> list[str]:
        """Whom they went to."""
        return [number for number, _ in self.told()]


@pytest.fixture
async def night(office: Office) -> AsyncIterator[Night]:
    """Dr. Rivera and Kim are on call, five minutes each, three rounds."""
    async with senders_of(office) as senders:
        clock, practice = Clock(EVENING), practice_with(ON_CALL)

        def desk() -> Desk:
            return desk_on(office.operator, senders, now=clock.now, practice=practice)

        yield Night(office, desk(), clock, desk)


async def test_the_first_person_is_told_whom_to_call_and_nothing_of_what_was_said(night: Night) -> None:
    assert await night.look(await night.alert()) == 60
    ((number, told),) = night.told()
    assert number == RIVERA
    assert told == (
        "URGENT: a patient at +12125550123 may have an emergency (text, 3:14 PM). Open the page or call them. "
        "Reply ACK to take it."
    )
    assert size(told).segments == 1
    (sent,) = await night.office.published(NoticeSent)
    alert = await night.alert()
    assert (sent.data.purpose, sent.data.cause, sent.data.step) == ("alert", str(alert.id), 1)
    assert sent.data.to_number == RIVERA


async def test_without_an_answer_everybody_is_told_in_turn_for_three_rounds_and_then_nobody(night: Night) -> None:
    alert = await night.alert()
    assert await night.look(alert) is not None
    assert await night.wait(alert, minutes=4) == 60
    assert night.numbers() == [RIVERA]
    for number in range(1, 6):
        await night.wait(alert, minutes=1 if number == 1 else 5)
        assert night.numbers() == [RIVERA, KIM, RIVERA, KIM, RIVERA, KIM][: number + 1]
    assert await night.wait(alert, minutes=5) is None
    assert len(night.told()) == 6
    steps = [(sent.data.to_number, sent.data.step) for sent in await night.office.published(NoticeSent)]
    assert steps == [(RIVERA, 1), (KIM, 1), (RIVERA, 2), (KIM, 2), (RIVERA, 3), (KIM, 3)]


async def test_ack_ends_it_is_confirmed_once_and_everybody_else_who_was_told_hears_of_it(night: Night) -> None:
    alert = await night.alert()
    await night.look(alert)
    await night.wait(alert, minutes=5)
    await night.says(KIM, "Ack!", sid="SM2")
    await night.says(KIM, "Ack!", sid="SM2")
    assert await night.look(alert) is None
    await night.relieve()
    await night.relieve()
    assert night.told()[2:] == [
        (KIM, "Thank you. You look after +12125550123. Please call now; nobody else is told about it any more."),
        (RIVERA, "Kim looks after the alert about +12125550123 (text, 3:14 PM). You need do nothing."),
    ]
    (acknowledged,) = {event.id: event for event in await night.office.published(AlertAcknowledged)}.values()
    assert (acknowledged.data.alert, acknowledged.data.by_number) == (alert.id, KIM)
    assert acknowledged.data.origin == "SM1"


async def test_who_answers_later_is_told_that_it_is_taken(night: Night) -> None:
    alert = await night.alert()
    await night.look(alert)
    await night.wait(alert, minutes=5)
    await night.says(KIM, "ok")
    await night.says(RIVERA, "ok")
    assert night.told()[-1] == (RIVERA, "Thank you. No alert is waiting for an answer: somebody else has taken it.")
    assert len(await night.office.published(AlertAcknowledged)) == 1


async def test_ack_takes_every_alert_that_the_person_was_told_of_and_no_other(night: Night) -> None:
    first, second = await night.alert("SM1"), await night.alert("SM2", from_number="+12125550199")
    await night.look(first)
    await night.look(second)
    await night.says(RIVERA, "ACK")
    night.clock.forward(seconds=1)
    third = await night.alert("SM3")
    await night.look(third)
    assert night.told()[2][1].startswith("Thank you. You look after +12125550123, +12125550199.")
    assert {event.data.alert for event in await night.office.published(AlertAcknowledged)} == {first.id, second.id}
    assert await night.look(third) is not None, "somebody still has to answer"


@pytest.mark.parametrize("answer", ["who is it? is there pain? bleeding?", "who is this?", "I can't, I'm driving"])
async def test_another_answer_takes_nothing_and_is_told_how_to(night: Night, answer: str) -> None:
    alert = await night.alert()
    await night.look(alert)
    await night.says(RIVERA, answer)
    assert night.told()[-1][1].startswith("A patient is waiting. Reply ACK")
    assert await night.office.published(AlertAcknowledged, AlertRaised) == []
    await night.wait(alert, minutes=5)
    assert night.numbers() == [RIVERA, RIVERA, KIM]


async def test_somebody_on_call_whom_no_alert_waits_for_is_answered_like_everybody(night: Night) -> None:
    await night.says(RIVERA, "What are your hours?")
    assert "hours" in night.told()[-1][1]
    await night.says(KIM, "my gum is bleeding")
    assert len(await night.office.published(AlertRaised)) == 1


async def test_who_said_stop_is_passed_over_at_once(night: Night) -> None:
    await night.says(RIVERA, "STOP")
    alert = await night.alert()
    assert await night.look(alert) is not None
    assert night.numbers() == [KIM]
    (withheld,) = await night.office.published(NoticeWithheld)
    assert (withheld.data.to_number, withheld.data.reason) == (RIVERA, SuppressionReason.OPTED_OUT)
    for _ in range(5):
        await night.wait(alert, minutes=5)
    assert night.numbers() == [KIM, KIM, KIM]


async def test_stop_is_obeyed_while_an_alert_waits(night: Night) -> None:
    alert = await night.alert()
    await night.look(alert)
    await night.says(RIVERA, "STOP")
    (outcome,) = await night.office.published(SmsSent, SmsSuppressed)
    assert outcome.data.category == "opt_out"
    assert await night.office.published(AlertAcknowledged) == []


async def test_a_number_that_cannot_be_texted_does_not_keep_the_next_person_waiting(night: Night) -> None:
    night.office.twilio.refuse(400, 21211)
    assert await night.look(await night.alert()) is not None
    assert night.numbers() == [RIVERA, KIM]
    (withheld,) = await night.office.published(NoticeWithheld)
    assert (withheld.data.reason, withheld.data.error_code) == (SuppressionReason.REJECTED, "21211")


async def test_an_alert_leaves_by_the_other_provider_when_its_own_may_not_send(night: Night) -> None:
    night.office.twilio.refuse(400, 21606)
    await night.look(await night.alert())
    (sent,) = await night.office.published(NoticeSent)
    assert (sent.data.provider, sent.data.from_number) == ("voipms", NUMBERS["voipms"])


async def test_many_alerts_become_one_text_that_there_are_more(night: Night) -> None:
    alerts = [await night.alert(f"SM{number}", from_number=f"+1212555{number:04}") for number in range(1, 41)]
    for alert in alerts:
        await night.look(alert)
    assert night.numbers().count(RIVERA) == 11
    assert night.numbers().count(KIM) == 11
    assert night.told()[10][1].startswith("URGENT: more alerts have come in")
    assert await night.look(alerts[-1]) is None, "it stays on the page"
    night.clock.forward(minutes=61)
    late = await night.alert("SM99")
    await night.look(late)
    assert night.told()[-1][0] == RIVERA
    assert "+12125550123" in night.told()[-1][1]


async def test_replicas_and_repeats_tell_nobody_twice(night: Night) -> None:
    alert, desks = await night.alert(), [night.desk, *(night.other_desk() for _ in range(3))]
    for minutes in (0, 5):
        night.clock.forward(minutes=minutes)
        await asyncio.gather(*(desk.paging.handle(alert) for desk in desks), return_exceptions=True)
        await night.look(alert)
    assert sorted(night.numbers()) == sorted([RIVERA, KIM])


async def test_an_alert_that_waited_for_hours_wakes_nobody(night: Night) -> None:
    alert = await night.alert()
    night.clock.forward(hours=7)
    assert await night.look(alert) is None
    assert night.told() == []


async def test_a_reply_that_may_be_missing_waits_on_the_page(night: Night) -> None:
    assert await night.look(await night.alert(kind=AlertKind.REPLY_UNKNOWN)) is None
    assert night.told() == []


async def test_the_time_of_day_and_the_quiet_hours_of_patients_do_not_matter(night: Night) -> None:
    night.clock.at = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
    await night.look(await night.alert(kind=AlertKind.EMERGENCY_VOICEMAIL))
    assert "(voicemail, 3:30 AM)" in night.told()[0][1]


async def test_while_a_provider_is_away_the_next_person_is_not_forgotten(night: Night) -> None:
    night.office.twilio.refuse(503, 20503)
    alert = await night.alert()
    with pytest.raises(Unavailable, match="not settled yet"):
        await night.look(alert)
    night.clock.forward(minutes=5)
    assert await night.look(alert) is not None
    assert night.numbers() == [RIVERA, RIVERA, KIM]
    assert [sent.data.to_number for sent in await night.office.published(NoticeSent)] == [RIVERA, KIM]
