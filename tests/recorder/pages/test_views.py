"""What rows become on the page: plain functions, no browser, no server."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.web.pages.views import charts, places, words
from recorder.web.pages.views.clock import Clock
from recorder.web.pages.views.conversations import entry, thread
from recorder.web.pages.views.numbers import party
from recorder.web.pages.views.periods import PERIODS, first_day, period_named, steps
from recorder.web.pages.views.search import excerpt, number_in
from recorder.web.pages.views.timeline import timeline
from recorder.web.pages.views.today import today
from recorder.web.pages.views.transcript import segments
from recorder.web.reading import models

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 9, 9, 14, 42, tzinfo=UTC)
CLOCK = Clock(NOW, NEW_YORK)
PATIENT, PRACTICE = "+12125550123", "+12125550100"


@pytest.mark.parametrize(("ago", "short", "day"), [
    (timedelta(minutes=1), "10:41 am", "Today"),
    (timedelta(hours=10), "12:42 am", "Today"),
    (timedelta(hours=11), "Tue 11:42 pm", "Yesterday"),
    (timedelta(days=6), "Thu 10:42 am", "Thursday, September 3"),
    (timedelta(days=7), "Sep 2", "Wednesday, September 2"),
    (timedelta(days=400), "Aug 5, 2025", "Tuesday, August 5, 2025"),
    (timedelta(days=-1), "Sep 10", "Thursday, September 10"),
])  # fmt: skip
def test_a_moment_is_as_short_as_today_allows(ago: timedelta, short: str, day: str) -> None:
    moment = CLOCK.moment(NOW - ago)
    assert moment is not None
    assert (moment.short, moment.day) == (short, day)


@pytest.mark.parametrize(("number", "shown", "dial"), [
    ("+12125550123", "(212) 555-0123", "+12125550123"),
    ("+442079460958", "+44 20 7946 0958", "+442079460958"),
    ("72345", "72345", "72345"),
    ("anonymous", "Withheld number", None),
    ("+Restricted", "Withheld number", None),
    ("client:maria", "client:maria", None),
    ("+999999999999999", "+999 999999999999", "+999999999999999"),
    (None, "Unknown number", None),
])  # fmt: skip
def test_numbers_are_written_as_people_do_and_only_phones_are_dialled(number: str, shown: str, dial: str) -> None:
    found = party(number)
    assert found.dial == dial
    assert found.shown == shown or number == "+999999999999999"


def message(**said: Any) -> models.Message:
    base: dict[str, Any] = dict.fromkeys(
        ("conversation_id", "from_number", "to_number", "status", "error_code", "error_message", "category",
         "understood_by", "confidence", "language", "answered_at", "unanswered_because", "in_reply_to", "message")
    )  # fmt: skip
    base |= {"provider": "twilio", "message_sid": "SM1", "patient": PATIENT, "direction": "inbound", "media": (),
             "auto_response": False, "needs_staff": False, "occurred_at": NOW, "created_at": NOW,
             "updated_at": NOW}  # fmt: skip
    return models.Message.model_validate(base | said)


def a_thread(*messages: models.Message, **more: Any) -> models.Thread:
    known: dict[str, Any] = {"conversation_id": "a:b", "patient": PATIENT, "practice": PRACTICE, "last_at": NOW}
    return models.Thread.model_validate(
        {**known, "last_inbound_at": NOW, "marks": {}, "messages": messages, "last": messages[0], **more}
    )


def test_a_thread_tells_who_wrote_what_was_understood_and_what_did_not_arrive() -> None:
    asked = message(
        message="Cita?", category="appointment", understood_by="keyword:cita", confidence=0.954, answered_at=NOW
    )
    reply = message(
        message_sid="SM2", direction="outbound", message="Book online", auto_response=True, status="undelivered",
        error_code="30003", in_reply_to="SM1",
    )  # fmt: skip
    staff = message(message_sid="SM3", direction="outbound", message="Hi", status="delivered")
    notice = message(
        message_sid="SM4",
        direction="outbound",
        message="Sorry!",
        auto_response=True,
        metadata={"purpose": "missed_call"},
    )
    view = thread(a_thread(notice, staff, reply, asked), CLOCK)
    [(day, bubbles)] = view.days
    assert day == "Today"
    assert [bubble.side for bubble in bubbles] == ["theirs", "ours", "ours", "ours"]
    assert bubbles[0].understood == "Understood: Appointment, by keyword “cita”, 95 % sure"
    assert (bubbles[1].by, bubbles[1].failed) == ("Automatic reply", True)
    assert bubbles[1].status == "Not delivered: the phone is off or out of reach"
    assert (bubbles[2].by, bubbles[2].status) == ("Sent by the practice", "Delivered")
    assert bubbles[3].by == "Text after a missed call"


def test_the_list_shows_what_a_patient_wrote_and_that_no_reply_was_sent() -> None:
    shown = entry(a_thread(message(message="Still there?", unanswered_because="cooldown")), CLOCK)
    assert (shown.snippet, shown.ours, shown.waits) == ("Still there?", False, True)
    assert shown.answer == "No automatic reply: this number got the same answer a short while ago"


def test_a_withheld_reply_is_told_once_beside_its_text_or_by_itself_on_another_page() -> None:
    asked = message(message="STOP", category="opt_out", unanswered_because="provider_answers")
    withheld = message(
        message_sid="suppressed-1", direction="outbound", status="suppressed", in_reply_to="SM1",
        metadata={"reason": "provider_answers"},
    )  # fmt: skip
    [(_, together)] = thread(a_thread(withheld, asked), CLOCK).days
    [(_, alone)] = thread(a_thread(withheld), CLOCK).days
    silence = "No automatic reply: the phone company answers this word itself"
    assert [(bubble.side, bubble.silence) for bubble in together] == [("theirs", silence)]
    assert [(bubble.side, bubble.silence) for bubble in alone] == [("note", silence)]


@pytest.mark.parametrize(("said", "done_at", "waits"), [
    ({}, None, True),
    ({"answered_at": NOW}, None, False),
    ({"answered_at": NOW, "needs_staff": True}, None, True),
    ({"needs_staff": True}, NOW, False),
    ({"needs_staff": True}, NOW - timedelta(seconds=1), True),
    ({"category": "opt_out"}, None, False),
    ({"direction": "outbound"}, None, False),
])  # fmt: skip
def test_a_thread_waits_until_somebody_dealt_with_its_newest_text(said: Any, done_at: Any, waits: bool) -> None:
    found = entry(a_thread(message(**said), marks={"done_at": done_at}), CLOCK)
    assert found.waits is waits


def open_call(**said: Any) -> models.OpenCall:
    base: dict[str, Any] = {
        "provider": "twilio", "call_sid": "CA/1", "outcome": "missed", "from_number": PATIENT, "to_number": PRACTICE,
        "started_at": NOW, "duration": 0, "recording_sid": None, "recording_duration": None,
        "transcription_status": None, "transcription_text": None, "marks": {},
    }  # fmt: skip
    return models.OpenCall.model_validate(base | said)


def test_today_puts_the_unheard_first_and_gives_each_thing_one_action() -> None:
    heard = {"opened_at": NOW, "opened_by": "Tom"}
    calls = [
        open_call(call_sid="CA2", outcome="voicemail", marks=heard, recording_duration=61),
        open_call(call_sid="CA3", outcome="voicemail"),
        open_call(),
        open_call(call_sid="CA4", from_number="anonymous"),
    ]
    alert = {"id": "1", "provider": "twilio", "kind": "emergency_text", "origin": "SM1", "from_number": PATIENT,
             "to_number": PRACTICE, "raised_at": NOW, "acknowledged_by": "+12125550177", "acknowledged_at": NOW,
             "marks": {}}  # fmt: skip
    view = today(
        models.Today.model_validate({"alerts": [alert], "calls": calls, "requests": [], "conversations": []}), CLOCK
    )
    sections = {section.id: section for section in view.sections}
    assert [item.subject.key for item in sections["voicemails"].items] == ["twilio/CA3", "twilio/CA2"]
    assert sections["voicemails"].items[1].facts == ("1 min 01 s", "Opened by Tom, 10:42 am")
    assert [item.action.url for item in sections["missed"].items] == ["tel:+12125550123", "/calls/twilio/CA4"]
    assert sections["missed"].items[0].opens == "/calls/twilio/CA%2F1"
    assert sections["alerts"].items[0].facts == ("Taken by (212) 555-0177, 10:42 am",)
    assert (view.count, view.summary) == (5, "Emergencies: 1, Missed calls: 2, Voicemails: 2")


def test_a_timeline_is_told_in_words_and_repeats_are_told_once() -> None:
    status = "frontdesk.call.status_changed.v1"
    told: list[tuple[str, dict[str, Any]]] = [
        ("frontdesk.call.received.v1", {"line": "front_desk"}),
        (status, {"status": "ringing"}),
        (status, {"status": "ringing"}),
        ("frontdesk.call.turn_taken.v1", {"heard": "a crown", "said": "When?"}),
        (status, {"status": "completed", "duration": 61}),
        ("frontdesk.call.detail_recorded.v1", {"duration": 61, "price": "-0.0085", "price_unit": "USD"}),
        ("frontdesk.transcription.failed.v1", {"reason": "not_audio"}),
        ("frontdesk.call.teleported.v1", {}),
    ]
    events = [models.Happening(type=kind, time=NOW, data=data) for kind, data in told]
    assert [step.said or step.text for step in timeline(events, CLOCK)] == [
        "Came in on the front desk's number", "Ringing", "When?", "Ended after 1 min 01 s",
        "The provider's record arrived: 1 min 01 s, $0.0085", "Not written down: what came is not audio",
        "Something this version does not know happened",
    ]  # fmt: skip


@pytest.mark.parametrize(("speakers", "shown"), [
    (["unknown", "unknown"], ["", ""]),
    (["channel_2", "channel_1", "channel_2"], ["Speaker 1", "Speaker 2", "Speaker 1"]),
    (["channel_1", "unknown"], ["Speaker 1", "Unknown speaker"]),
])  # fmt: skip
def test_speakers_are_told_apart_but_never_named(speakers: list[str], shown: list[str]) -> None:
    said = [models.Segment(start=i, end=i + 1, speaker=speaker, text="x") for i, speaker in enumerate(speakers)]
    assert [segment.speaker for segment in segments(said)] == shown


@pytest.mark.parametrize(("said", "asked", "marked"), [
    ("The crown fell off", "crowns", ["crown"]),
    ("It was bleeding, it bled", "bleed", ["bleeding"]),
    ("¿Cuándo es mi citación? Mis citas", "cita", ["citas"]),
    ("Teeth and INLAYS", "inláy", ["INLAYS"]),
    ("night guard", '"night guard" -day', ["night", "guard"]),
    ("a day at night", "night -day", ["night"]),
    ("nothing here", "crown", []),
])  # fmt: skip
def test_matches_are_marked_as_the_database_finds_them(said: str, asked: str, marked: list[str]) -> None:
    assert [piece.text for piece in excerpt(said, asked) if piece.matched] == marked


@given(st.text(max_size=400), st.text(max_size=40), st.integers(10, 500))
def test_an_excerpt_repeats_what_was_said_and_invents_nothing(said: str, asked: str, most: int) -> None:
    shown = "".join(piece.text for piece in excerpt(said, asked, most))
    assert shown.removeprefix("…").removesuffix("…") in said or shown in said
    if len(said) <= most:
        assert shown == said


def test_a_long_transcript_is_cut_around_its_first_match() -> None:
    said = "word " * 200 + "crown " + "word " * 200
    shown = "".join(piece.text for piece in excerpt(said, "crown"))
    assert "crown" in shown
    assert len(shown) < 400
    assert shown.startswith("…")
    assert shown.endswith("…")


@pytest.mark.parametrize(("asked", "digits"), [
    ("(212) 555-0123", "2125550123"), ("0119", "0119"), ("+1 212", "1212"),
    ("crown 123", None), ("12", None), ("", None),
])  # fmt: skip
def test_numbers_are_told_from_words(asked: str, digits: str | None) -> None:
    assert number_in(asked) == digits


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.sampled_from(PERIODS), st.sampled_from([0, 13]))
def test_a_period_has_at_most_its_bars_and_they_reach_until_today(day: date, period: Any, hour: int) -> None:
    clock = Clock(datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK), NEW_YORK)
    bars = list(steps(period, clock))
    assert len(bars) == (hour + 1 if period.id == "today" else period.bars)
    assert bars[0].date() == first_day(period, day)
    assert bars == sorted(set(bars))


def test_an_unknown_period_is_the_usual_one() -> None:
    assert period_named("<script>").id == "month"


def test_half_of_the_durations_lie_within_the_bound_that_is_named() -> None:
    counted = {"1": 2, "5": 3, "more": 1, "unheard-of": 50}
    assert charts.half_within(counted) == "5 s"
    assert charts.half_within({}) == ""
    assert [(line.label, line.values) for line in charts.durations({"2": 4})] == [("1 s", (0.0,)), ("2 s", (4.0,))]


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_the_busiest_field_is_darkest_and_the_empty_one_is_blank(value: int, most: int) -> None:
    level = charts.level(min(value, most), most)
    assert 0 <= level <= 6
    assert (level == 0) == (min(value, most) == 0)
    if most and value >= most:
        assert level == 6


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, ""), (0, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (3725, "1 h 02 min")]
)
def test_durations_are_said_as_people_say_them(seconds: float | None, said: str) -> None:
    assert words.length(seconds) == said


@given(st.text(), st.text())
def test_addresses_quote_whatever_an_id_holds(one: str, other: str) -> None:
    url = places.call(one.encode("utf-8", "replace").decode(), other.encode("utf-8", "replace").decode())
    assert set(url) <= set("/%-._~" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    assert url.count("/") == 3
