"""Who calls and reaches nobody gets a text, if the practice wants that: once, and at a decent hour."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.call import (
    CallStatusChanged,
)
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.registry import AnyEvent
from contracts.values import Direction
from support.calls import AFTERNOON, ended, greeted, record, recording
from support.desk import Clock, Desk, desk_on, postponed, practice_with, senders_of
from support.responder import PATIENT, TWILIO_NUMBER, VOIPMS_NUMBER, Office, patients_text

WANTED = ("text_back = false", "text_back = true")
PRACTICE = practice_with("", WANTED)


@dataclass
class Line:
    """The telephone line, the desk of a responder, and how much time has passed."""

    office: Office
    desk: Desk
    clock: Clock

    async def hears(self, *events: AnyEvent) -> float | None:
        """Deliver events; the seconds after which the last one comes again."""
        later = None
        for event in events:
            later = await postponed(self.desk.calls.handle(event))
        return later

    async def later(self, event: AnyEvent, **by: float) -> float | None:
        """Deliver an event some time later."""
        self.clock.forward(**by)
        return await self.hears(event)

    def missed(self, sid: str = "CA1", status: str = "no-answer", **changes: Any) -> CallStatusChanged:
        """The end of a call that nobody answered."""
        return ended(sid, status, at=self.clock.at, **changes)

    def texts(self) -> list[tuple[str, str]]:
        """Everything that Twilio was given."""
        return [(sent["To"], sent["From"]) for sent in self.office.twilio.sends]

    async def reasons(self) -> list[str]:
        """Why nothing was sent, once for each call."""
        withheld = {event.id: event for event in await self.office.published(NoticeWithheld)}
        return [str(event.data.reason) for event in withheld.values()]


@pytest.fixture
async def line(office: Office) -> AsyncIterator[Line]:
    """The repository's practice, with texts after missed calls."""
    async with senders_of(office) as senders:
        clock = Clock(AFTERNOON)
        yield Line(office, desk_on(office.operator, senders, now=clock.now, practice=PRACTICE), clock)


async def test_a_missed_call_is_answered_by_one_text_from_the_number_that_was_called(line: Line) -> None:
    call = line.missed()
    assert await line.hears(call) == 120, "more may become known of the call"
    assert await line.later(call, minutes=2) is None
    assert await line.hears(call, call) is None
    assert line.texts() == [(PATIENT, TWILIO_NUMBER)]
    sent = {event.id: event for event in await line.office.published(NoticeSent)}
    ((told),) = sent.values()
    assert (told.data.purpose, told.data.cause, told.data.step) == ("missed_call", "CA1", 1)
    assert told.data.message.startswith("Bright Harbor Dental: sorry we missed your call.")


async def test_a_missed_call_to_the_voip_ms_number_is_answered_from_there(line: Line) -> None:
    call = record("128238059", "no-answer", at=AFTERNOON, arrived=AFTERNOON)
    await line.hears(call)
    await line.later(call, minutes=3)
    assert [(sent["did"], sent["dst"]) for sent in line.office.voipms.sends] == [(VOIPMS_NUMBER[2:], PATIENT[2:])]


async def test_who_hears_only_the_greeting_and_leaves_no_message_was_missed(line: Line) -> None:
    call = line.missed(status="completed")
    await line.hears(call, greeted("CA1", AFTERNOON))
    await line.later(call, minutes=2)
    assert line.texts() == [(PATIENT, TWILIO_NUMBER)]


@pytest.mark.parametrize("others", list(itertools.permutations(["greeting", "recording", "end"])), ids="-".join)
async def test_who_leaves_a_message_is_not_texted_in_whatever_order_that_is_told(
    line: Line, others: tuple[str, ...]
) -> None:
    call = line.missed(status="completed")
    events: dict[str, AnyEvent] = {
        "greeting": greeted("CA1", AFTERNOON),
        "recording": recording("CA1", AFTERNOON),
        "end": call,
    }
    await line.hears(*(events[name] for name in others))
    assert await line.later(call, minutes=2) is None
    assert line.texts() == []


async def test_who_was_put_through_is_not_texted(line: Line) -> None:
    call = line.missed(status="completed")
    leg = ended(
        "CA2",
        "completed",
        at=AFTERNOON,
        direction=Direction.OUTBOUND,
        duration=60,
        metadata={"ParentCallSid": "CA1"},
    )
    await line.hears(greeted("CA1", AFTERNOON), leg, call)
    await line.later(call, minutes=2)
    assert line.texts() == []


async def test_who_spoke_to_the_receptionist_is_not_texted(line: Line) -> None:
    call = line.missed(status="completed")
    assert await line.hears(greeted("CA1", AFTERNOON, "receptionist"), call) is None
    assert line.texts() == []


async def test_an_outbound_call_that_nobody_answers_is_ours(line: Line) -> None:
    assert await line.hears(line.missed(direction=Direction.OUTBOUND)) is None
    assert await line.reasons() == []


async def test_a_caller_is_texted_once_in_a_day(line: Line) -> None:
    for number in range(3):
        call = line.missed(f"CA{number}")
        await line.hears(call)
        await line.later(call, minutes=5)
    assert len(line.texts()) == 1
    assert await line.reasons() == ["cooldown", "cooldown"]
    line.clock.forward(hours=24)
    call = line.missed("CA9")
    await line.hears(call)
    await line.later(call, minutes=5)
    assert len(line.texts()) == 2


async def test_at_night_the_text_waits_for_the_morning(line: Line) -> None:
    line.clock.at = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)  # 10:30 PM
    call = line.missed()
    await line.hears(call)
    assert await line.later(call, minutes=2) == 15 * 60
    assert await line.later(call, hours=9) == 15 * 60
    assert line.texts() == []
    line.clock.at = datetime(2026, 11, 18, 13, 0, 1, tzinfo=UTC)  # 8 AM
    assert await line.hears(call) is None
    assert len(line.texts()) == 1


async def test_a_record_that_comes_an_hour_late_leads_to_no_text(line: Line) -> None:
    line.clock.forward(hours=1)
    assert await line.hears(record("1", "no-answer", at=AFTERNOON, arrived=line.clock.at)) is None
    assert await line.reasons() == ["too_old"]


async def test_a_record_that_comes_late_in_the_evening_leads_to_no_text_the_next_day(line: Line) -> None:
    line.clock.at = datetime(2026, 11, 18, 2, 5, tzinfo=UTC)  # 9:05 PM, of a call at 8:50 PM
    call = record("1", "busy", at=line.clock.at - timedelta(minutes=15), arrived=line.clock.at)
    assert await line.hears(call) is None
    assert await line.reasons() == ["quiet_hours"]


async def test_who_opted_out_is_not_texted(line: Line) -> None:
    await line.desk.responder.handle(patients_text("STOP", sid="1", provider="voipms", at=AFTERNOON))
    call = line.missed()
    await line.hears(call)
    await line.later(call, minutes=2)
    assert line.texts() == []
    assert await line.reasons() == ["opted_out"]


async def test_a_landline_that_refused_before_is_left_alone_and_a_new_one_is_remembered(line: Line) -> None:
    line.office.twilio.refuse(400, 21614)
    first, later = line.missed("CA1"), line.missed("CA2")
    for call in (first, later):
        await line.hears(call)
        await line.later(call, minutes=2)
    assert len(line.texts()) == 1
    assert await line.reasons() == ["rejected", "landline"]


async def test_who_wrote_in_the_meantime_is_not_texted(line: Line) -> None:
    call = line.missed()
    await line.hears(call)
    line.clock.forward(minutes=1)
    await line.desk.responder.handle(patients_text("What are your hours?", sid="SM1", at=line.clock.at))
    await line.later(call, minutes=1)
    assert len(line.texts()) == 1, "the answer"
    assert await line.reasons() == ["reached"]


async def test_who_called_again_and_got_through_is_not_texted(line: Line) -> None:
    call = line.missed()
    await line.hears(call)
    line.clock.forward(minutes=1)
    await line.hears(greeted("CA2", line.clock.at), recording("CA2", line.clock.at), line.missed("CA2", "completed"))
    await line.later(call, minutes=1)
    assert line.texts() == []
    assert await line.reasons() == ["reached"]


@pytest.mark.parametrize(
    ("caller", "reason"),
    [
        ("anonymous", "not_a_phone"),
        ("+266696687", "not_a_phone"),
        ("72345", "not_a_phone"),
        ("+12125550100", "own_number"),
    ],
)
async def test_nobody_who_cannot_read_it_is_texted(line: Line, caller: str, reason: str) -> None:
    call = line.missed(caller=caller)
    await line.hears(call)
    await line.later(call, minutes=2)
    assert line.texts() == []
    assert await line.reasons() == [reason]


async def test_a_flood_of_callers_ends_at_the_daily_cap(line: Line) -> None:
    practice = practice_with("", WANTED, ("overall_per_day = 1000", "overall_per_day = 3"))
    desk = desk_on(line.office.operator, line.desk.calls.missed.outbox.senders, now=line.clock.now, practice=practice)
    calls = [line.missed(f"CA{number}", caller=f"+1212555{number:04}") for number in range(5)]
    line.clock.forward(minutes=3)
    for call in calls:
        await desk.calls.handle(call)
    assert len(line.texts()) == 3
    assert await line.reasons() == ["daily_cap", "daily_cap"]


async def test_a_practice_that_wants_no_such_texts_sends_none(line: Line) -> None:
    practice = practice_with("")
    desk = desk_on(line.office.operator, line.desk.calls.missed.outbox.senders, now=line.clock.now, practice=practice)
    call = line.missed()
    line.clock.forward(minutes=3)
    await desk.calls.handle(call)
    assert line.texts() == []
    assert await line.reasons() == ["switched_off"]
