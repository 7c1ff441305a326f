"""How VoIP.ms' many shapes are read: pure, and without surprises for any input."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.call import CallDetailRecordedData
from contracts.recording import RecordingReadyData
from contracts.values import Direction
from gateway.providers.base import Malformed, Parsed, Proof, RawRequest, VerifiedRequest
from gateway.providers.parameters import seconds
from gateway.providers.voipms import parse_call, parse_recording, parse_sms
from gateway.providers.voipms.fields import moment
from gateway.providers.voipms.recording_id import hint_of
from support.gateway import events

NEW_YORK = ZoneInfo("America/New_York")
JUST_BEFORE_MIDNIGHT = datetime(2026, 9, 7, 23, 59, 59, tzinfo=UTC)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
readable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)


def verified(query: str = "", body: bytes = b"", *, at: datetime = JUST_BEFORE_MIDNIGHT) -> VerifiedRequest:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    return VerifiedRequest(RawRequest("/", query, {}, body, None, at, traceparent), Proof.TOKEN)


def sms(query: str = "", body: bytes = b"", *, at: datetime = JUST_BEFORE_MIDNIGHT) -> Parsed:
    return parse_sms.received(verified(query, body, at=at), zone=NEW_YORK)


def sid(**fields: str) -> str:
    found: str = events(sms(urlencode({"from": "2125550123", "to": "2125550100"} | fields)))[0].data.message_sid
    return found


@given(message=readable.filter(lambda text: text.strip() != "{MESSAGE}"),
       encode=st.sampled_from([quote, quote_plus]), separator=st.sampled_from("&;"))  # fmt: skip
def test_any_message_but_its_placeholder_survives_a_url_template(
    message: str, encode: Callable[[str], str], separator: str
) -> None:
    values = {"token": "t", "from": "2125550123", "to": "2125550100", "message": message}
    query = separator.join(f"{name}={encode(value)}" for name, value in values.items())
    data = events(sms(query))[0].data
    assert data.message == message
    assert data.metadata == {}


def test_separators_may_be_mixed_and_a_message_may_hold_one() -> None:
    data = events(sms("token=t&to=2125550100;from=2125550123;message=Hi; there;date=2026-09-07 10:20:46"))[0].data
    assert (data.from_number, data.to_number, data.message) == ("+12125550123", "+12125550100", "Hi; there")


def test_the_body_wins_where_it_has_the_field() -> None:
    query = "from=2125550199&to=2125550100&message=query&id=1&date=2026-09-07+10:20:46&token=secret"
    data = events(sms(query, b"from=2125550123&message=body"))[0].data
    assert (data.from_number, data.to_number, data.message) == ("+12125550123", "+12125550100", "body")
    assert events(sms(query, b'{"from": null, "message": "json"}'))[0].data.from_number == "+12125550199"
    assert "secret" not in str(sms(query, b'{"token": "secret"}'))


def test_json_is_recognised_whatever_the_sender_calls_it() -> None:
    assert events(sms(body=b' {"from": 2125550123, "to": "2125550100", "message": "Hi"}'))[0].data.message == "Hi"


def test_an_id_says_which_number_space_it_is_from() -> None:
    assert sid(message="Hi", id="7") == "7"
    assert sid(message="Hi", id="7", type="SMS") == "7"
    assert sid(message="Hi", id="7", type="mms") == "mms-7"
    assert sid(message="Hi", id="7", media="https://voip.ms/media/a") == "mms-7"
    assert sid(message="", id="7") == "mms-7"


def test_without_an_id_a_repeat_is_the_same_text_and_another_text_is_not() -> None:
    dated = {"message": "Hi", "date": "2026-09-07 10:20:46"}
    assert sid(**dated) == sid(**dated, extra="1")
    others = [sid(**dated | {"date": "2026-09-07 10:20:47"}), sid(**dated | {"message": "Hi!"}), sid(message="Hi")]
    assert len({sid(**dated), *others}) == 4
    assert sid(**dated).startswith("h-")


@pytest.mark.parametrize("date", ["", "&date=soon", "&date={TIMESTAMP}"])
def test_without_id_and_readable_date_the_minute_of_receipt_tells_texts_apart(date: str) -> None:
    query = f"from=2125550123&to=2125550100&message=STOP{date}"
    first = events(sms(query))[0].id
    same_minute = events(sms(query, at=JUST_BEFORE_MIDNIGHT.replace(second=0)))[0].id
    minute_before = events(sms(query, at=JUST_BEFORE_MIDNIGHT.replace(minute=58)))[0].id
    minute_after = events(sms(query, at=datetime(2026, 9, 8, tzinfo=UTC)))[0].id
    assert first == same_minute
    assert len({first, minute_before, minute_after}) == 3


def as_json(fields: dict[str, str]) -> bytes:
    return json.dumps(fields).encode()


def as_form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


TEMPLATE = {"from": "{FROM}", "to": "{TO}", "message": "{MESSAGE}", "id": "{ID}", "date": "{TIMESTAMP}"}
TEXT = {"from": "2125550123", "to": "2125550100", "message": "Hi", "id": "7", "date": "2026-09-07 10:20:46"}
bodies = pytest.mark.parametrize("written", [as_json, as_form])


@bodies
def test_a_placeholder_in_the_body_is_no_id_and_no_date(written: Callable[[dict[str, str]], bytes]) -> None:
    unfilled = {"id": "{ID}", "date": " {TIMESTAMP} ", "media": "{MEDIA}", "other": "{FILES}"}
    one, two = (events(sms(body=written(TEXT | unfilled | {"message": word})))[0].data for word in ("One", "Two"))
    assert one.message_sid != two.message_sid
    assert (one.message_sid[:2], one.media, one.metadata) == ("h-", (), {})


@bodies
def test_a_placeholder_in_the_body_does_not_hide_what_the_query_says(
    written: Callable[[dict[str, str]], bytes],
) -> None:
    data = events(sms(urlencode(TEXT), written(TEMPLATE)))[0].data
    assert (data.from_number, data.message, data.message_sid) == ("+12125550123", "Hi", "7")


@bodies
@pytest.mark.parametrize("name", ["from", "to", "message"])
def test_a_placeholder_where_a_value_is_needed_is_named(written: Callable[[dict[str, str]], bytes], name: str) -> None:
    for query, body in (("", written(TEXT | {name: TEMPLATE[name]})), (urlencode(TEXT | {name: TEMPLATE[name]}), b"")):
        with pytest.raises(Malformed, match="is still a placeholder") as refused:
            sms(query, body)
        assert refused.value.field == name


def test_pictures_need_no_words_and_a_patient_may_text_the_name_of_another_placeholder() -> None:
    picture = "https://voip.ms/media/a"
    body = json.dumps(TEXT | {"message": "{MESSAGE}", "media": ["{MEDIA}", picture]}).encode()
    data = events(sms(body=body))[0].data
    assert (data.message, [item.url for item in data.media]) == ("", [picture])
    assert events(sms(urlencode(TEXT | {"message": "{ID}"})))[0].data.message == "{ID}"


def test_json_of_any_depth_is_taken_or_malformed() -> None:
    refused = set()
    for depth in range(1, 1_200):  # at a few depths, which hang on the caller's stack, it can be read but not written
        try:
            sms(body=json.dumps(TEXT)[:-1].encode() + b',"message":' + b"[" * depth + b"]" * depth + b"}")
        except Malformed as error:
            refused.add(str(error))
    assert refused == {"body is nested too deeply", "body is not valid JSON"}


def control_characters(text: dict[str, str]) -> bytes:
    """Few bytes as they arrive, many in the metadata's JSON."""
    return as_form(text) + b"&other=" + b"\x01" * 200_000


def many_media(text: dict[str, str]) -> bytes:
    return as_form(text) + b"&media=" + b"a," * 100_000


@pytest.mark.parametrize("grown", [control_characters, many_media])
def test_what_the_bus_could_never_take_is_malformed(grown: Callable[[dict[str, str]], bytes]) -> None:
    with pytest.raises(Malformed, match="too large"):
        sms(body=grown(TEXT))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-07 10:20:46", "2026-09-07T14:20:46+00:00"),
        ("2026-01-07 10:20:46", "2026-01-07T15:20:46+00:00"),
        ("2026-09-07T14:20:46.000000+00:00", "2026-09-07T14:20:46+00:00"),
        ("2026-09-07T14:20:46Z", "2026-09-07T14:20:46+00:00"),
        ("9999-12-31 23:59:59", None),
        ("yesterday", None),
    ],
)
def test_dates_without_a_zone_are_the_account_s_wall_clock(text: str, expected: str | None) -> None:
    found = moment(text, NEW_YORK)
    assert (found.isoformat() if found else None) == expected


def test_an_unreadable_date_is_carried_along() -> None:
    event = events(sms("from=2125550123&to=2125550100&message=Hi&id=1&date=soon"))[0]
    assert (event.time, event.data.metadata) == (JUST_BEFORE_MIDNIGHT, {"date": "soon"})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"disposition": "ANSWERED"}, "completed"),
        ({"disposition": "NO  ANSWER"}, "no-answer"),
        ({"disposition": "Busy"}, "busy"),
        ({"disposition": "failed"}, "failed"),
        ({"disposition": "CANCELLED"}, "canceled"),
        ({"disposition": "canceled"}, "canceled"),
        ({"disposition": "Congestion"}, "congestion"),
    ],
)
def test_dispositions_become_the_words_all_providers_share(fields: dict[str, str], expected: str) -> None:
    data = cdr(fields)
    assert (data.status, data.metadata["disposition"]) == (expected, fields["disposition"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"description": "Inbound DID"}, Direction.INBOUND),
        ({"description": "incoming call", "callerid": "2125550100"}, Direction.INBOUND),
        ({"description": "Outgoing - US"}, Direction.OUTBOUND),
        ({"description": "Outbound"}, Direction.OUTBOUND),
        ({"description": "Toll free", "destination": "2125550100"}, Direction.INBOUND),
        ({"destination": "1 (212) 555-0100"}, Direction.INBOUND),
        ({"callerid": '"Front Desk" <2125550100>', "destination": "2125550123"}, Direction.OUTBOUND),
        ({"callerid": "2125550123", "destination": "2125550199"}, None),
    ],
)
def test_a_call_s_direction_is_told_by_its_description_or_by_our_number(
    fields: dict[str, str], expected: Direction | None
) -> None:
    assert cdr({"disposition": "busy"} | fields).direction == expected


def test_a_caller_s_name_is_no_part_of_the_number() -> None:
    data = cdr({"disposition": "busy", "callerid": '"John Doe" <2125550123>'})
    assert (data.from_number, data.metadata["callerid"]) == ("+12125550123", '"John Doe" <2125550123>')


@pytest.mark.parametrize(
    ("text", "expected"), [("83", 83), ("01:23", 83), ("00:01:23", 83), ("1:0:0", 3600), ("", None), ("1:2:3:4", None),
                           ("-5", None), ("1.5", None), ("9" * 30, None), ("999999999:00:00", None), ("²", None)]
)  # fmt: skip
def test_durations_are_read_as_they_are_written(text: str, expected: int | None) -> None:
    assert seconds(text) == expected


def test_a_record_that_says_more_is_a_new_fact_and_a_repeat_is_not() -> None:
    def identity(**fields: str) -> UUID:
        body = urlencode({"uniqueid": "1", "disposition": "ANSWERED", **fields}).encode()
        return events(parse_call.detail_recorded(verified(body=body), zone=NEW_YORK, did=None))[0].id

    assert identity(seconds="83") == identity(seconds="83")
    assert len({identity(), identity(seconds="83"), identity(seconds="83", total="0.0150")}) == 3


DOCUMENTED_ID = "MTA5Nzk5LTUyOTk5MjQyNjE5NC01Mjk5OTM5OTA1MjAtSU4tMTU0NDEzMTMwNg"
"""The sample of VoIP.ms' API docs; its row says 2018-12-06 16:21:46, which is the same moment in New York."""


def recorded(**fields: str) -> RecordingReadyData:
    parsed = parse_recording.ready(verified(body=urlencode(fields).encode()), zone=NEW_YORK)
    data = events(parsed)[0].data
    assert isinstance(data, RecordingReadyData)
    return data


def test_the_id_of_a_recording_tells_who_spoke_and_when_it_began() -> None:
    data = recorded(recording_id=DOCUMENTED_ID, date="2018-12-06 16:21:47")
    assert (data.from_number, data.to_number) == ("529992426194", "529993990520")
    assert data.direction == "inbound"
    assert data.recording_started_at == datetime(2018, 12, 6, 21, 21, 46, tzinfo=UTC)


def test_numbers_beside_a_recording_count_more_than_its_id() -> None:
    data = recorded(recording_id=DOCUMENTED_ID, callerid="2125550123", destination="2125550100", type="Outgoing")
    assert (data.from_number, data.to_number, data.direction) == ("+12125550123", "+12125550100", "outbound")


@given(identifier=st.text(min_size=1, max_size=80).filter(str.strip))
def test_an_id_that_says_nothing_is_only_an_id(identifier: str) -> None:
    assert hint_of(identifier) is None
    assert recorded(recording_id="rec_123456", date="2026-09-07 10:20:46").from_number is None


def cdr(fields: dict[str, str]) -> CallDetailRecordedData:
    body = urlencode({"uniqueid": "1"} | fields).encode()
    parsed = parse_call.detail_recorded(verified(body=body), zone=NEW_YORK, did="2125550100")
    data = events(parsed)[0].data
    assert isinstance(data, CallDetailRecordedData)
    return data


NAMES = [
    *("from", "to", "message", "id", "date", "media", "type", "data"),
    *("uniqueid", "callid", "callerid", "destination", "disposition", "description", "seconds", "duration", "total"),
    *("recording_id", "recording_url"),
]
odd_words = st.sampled_from(["{FROM}", "0001-01-01", "[", "message.received"])
inner_names = st.sampled_from(["url", "payload", "event_type", "from", "to", "phone_number"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words | odd_words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(inner_names, inner),
    max_leaves=6,
)


@given(query=st.dictionaries(st.sampled_from(NAMES), words), body=st.dictionaries(st.sampled_from(NAMES), json_values))
def test_every_authentic_request_is_understood_or_malformed(query: dict[str, str], body: dict[str, object]) -> None:
    request = verified(urlencode(query), json.dumps(body).encode())
    parsers: list[Callable[[], Parsed]] = [
        lambda: parse_sms.received(request, zone=NEW_YORK),
        lambda: parse_call.detail_recorded(request, zone=NEW_YORK, did=None),
        lambda: parse_recording.ready(request, zone=NEW_YORK),
    ]
    for parse in parsers:
        try:
            for event in events(parse()):
                assert event.to_json()
        except (Malformed, ValidationError):
            continue
