"""How Twilio's parameters are read."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.registry import AnyEvent
from contracts.values import Direction
from gateway.providers.base import Malformed, Proof, RawRequest, VerifiedRequest
from gateway.providers.twilio import parse_call, parse_recording, parse_sms
from gateway.providers.twilio.parameters import rfc2822
from support.gateway import events

NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)
CALL = {"CallSid": "CA1", "CallStatus": "completed"}
SMS = {"MessageSid": "SM1", "From": "+12125550123", "To": "+12125550100"}


def verified(form: dict[str, str]) -> VerifiedRequest:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    raw = RawRequest("/", "", headers, urlencode(form).encode(), None, NOON, traceparent)
    return VerifiedRequest(raw, Proof.PRIMARY)


def status(form: dict[str, str]) -> AnyEvent:
    return events(parse_call.status_changed(verified(CALL | form)))[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [("inbound", Direction.INBOUND), ("outbound-api", Direction.OUTBOUND), ("outbound-dial", Direction.OUTBOUND),
     ("trunking-originating", None), ("", None)],
)  # fmt: skip
def test_directions(written: str, expected: Direction | None) -> None:
    assert status({"Direction": written}).data.direction == expected


@pytest.mark.parametrize("word", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_call_ends_with_a_terminal_status(word: str) -> None:
    event = status({"CallStatus": word, "Timestamp": "Mon, 07 Sep 2026 14:22:09 +0000"})
    assert event.data.ended_at == event.time == datetime(2026, 9, 7, 14, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize("word", ["queued", "initiated", "ringing", "in-progress", "something-new"])
def test_a_call_goes_on_with_any_other_status(word: str) -> None:
    data = status({"CallStatus": word, "CallDuration": "3"}).data
    assert (data.status, data.started_at, data.ended_at) == (word, None, None)


def test_what_cannot_be_read_is_carried_along() -> None:
    data = status({"CallDuration": "long", "Timestamp": "soon", "Direction": "sideways", "New": "1"}).data
    assert data.metadata == {"CallDuration": "long", "Timestamp": "soon", "Direction": "sideways", "New": "1"}
    assert status({"Timestamp": "soon"}).time == NOON


def test_a_picture_needs_no_words_and_words_are_not_trimmed() -> None:
    assert events(parse_sms.received(verified(SMS)))[0].data.message == ""
    assert events(parse_sms.received(verified(SMS | {"Body": " a\n"})))[0].data.message == " a\n"


def test_a_nul_cannot_reach_the_database() -> None:
    assert events(parse_sms.received(verified(SMS | {"Body": "a\x00b", "X": "\x00"})))[0].data.message == "a\ufffdb"


@pytest.mark.parametrize(
    ("names", "expected"),
    [({"MessageStatus": "read"}, "read"), ({"SmsStatus": "accepted"}, "accepted"),
     ({"MessageStatus": "", "SmsStatus": "scheduled"}, "scheduled"), ({"MessageStatus": "unheard-of"}, "unheard-of")],
)  # fmt: skip
def test_a_text_s_status_has_two_names_and_any_value(names: dict[str, str], expected: str) -> None:
    assert events(parse_sms.status_changed(verified(SMS | names)))[0].data.status == expected


def test_error_code_zero_is_success() -> None:
    reports = [
        parse_sms.status_changed(verified(SMS | {"SmsStatus": "sent", "ErrorCode": code})) for code in ("0", "7")
    ]
    assert [events(report)[0].data.error_code for report in reports] == [None, "7"]


@pytest.mark.parametrize("word", ["in-progress", "absent", "failed", "paused", "something-new"])
def test_an_unfinished_recording_is_no_event(word: str) -> None:
    parsed = parse_recording.ready(verified({"RecordingStatus": word}))
    assert events(parsed) == ()
    assert parsed.ignored


NAMES = [
    *("MessageSid", "MessageStatus", "From", "To", "Body", "MediaUrl0"),
    *("CallSid", "CallStatus", "CallDuration", "Timestamp"),
    *("RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingStartTime", "RecordingDuration"),
]
values = st.text(max_size=30) | st.sampled_from(["completed", "83", "999999999", "Mon, 01 Jan 0001 00:00:00 +0000"])


@given(form=st.dictionaries(st.sampled_from(NAMES) | st.text(st.characters(exclude_categories=["Cs"])), values))
def test_every_authentic_request_is_understood_or_malformed(form: dict[str, str]) -> None:
    request = verified({name: value.encode("utf-8", "replace").decode() for name, value in form.items()})
    for parse in (
        parse_sms.received,
        parse_sms.status_changed,
        parse_call.front_desk,
        parse_call.status_changed,
        parse_recording.ready,
    ):
        try:
            for event in events(parse(request)):
                assert event.to_json()
        except (Malformed, ValidationError):
            continue


@given(text=st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+-][0-9]{4}"))
def test_any_text_is_a_time_in_utc_or_none(text: str) -> None:
    time = rfc2822(text)
    assert time is None or time.tzinfo is UTC
