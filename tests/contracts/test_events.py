"""The events: complete, round-tripping, tolerant, with ids that a repeat cannot change."""

import json
from datetime import UTC, datetime
from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import EVENTS, InvalidEvent, UnknownEvent, decode_event, event_id
from contracts.envelope import NAMESPACE
from contracts.examples import EXAMPLES, examples_of
from contracts.registry import AnyEvent
from contracts.testing.drawing import moments
from contracts.testing.strategies import events
from contracts.topology import CONSUMERS

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_every_event_of_the_design_is_there() -> None:
    assert {event.bus_subject for event in EVENTS} == {
        "events.sms.received",
        "events.sms.status_changed",
        "events.sms.sent",
        "events.sms.suppressed",
        "events.consent.changed",
        "events.call.received",
        "events.call.status_changed",
        "events.call.detail_recorded",
        "events.call.turn_taken",
        "events.recording.ready",
        "events.transcription.completed",
        "events.transcription.failed",
        "events.transcription.skipped",
        "events.notice.sent",
        "events.notice.withheld",
        "events.alert.raised",
        "events.alert.acknowledged",
        "events.callback.requested",
        "events.appointment.requested",
    }


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_has_a_minimal_and_a_full_example(event: type[AnyEvent]) -> None:
    examples = examples_of(event)
    assert len(examples) >= 2
    assert len({example.to_json() for example in examples}) == len(examples)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_subject_and_type_follow_from_each_other(event: type[AnyEvent]) -> None:
    assert event.type_name() == f"frontdesk.{event.bus_subject.removeprefix('events.')}.v1"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_an_event_survives_the_wire(example: AnyEvent) -> None:
    assert decode_event(example.to_json()) == example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_a_reader_ignores_what_it_does_not_know(example: AnyEvent) -> None:
    body = json.loads(example.to_json())
    body["partitionkey"] = "x"
    body["data"]["invented_later"] = {"a": 1}
    assert decode_event(json.dumps(body).encode()) == example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_the_envelope_is_cloudevents(example: AnyEvent) -> None:
    body = json.loads(example.to_json())
    assert body["specversion"] == "1.0"
    assert body["source"] == f"/frontdesk/{example.published_by}"
    assert body["datacontenttype"] == "application/json"
    assert body["dataschema"] == f"urn:frontdesk:schema:{body['type']}"
    assert body["subject"].startswith(f"{example.data.provider}/")
    assert None not in body.values()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_the_id_depends_on_the_fact_alone(example: AnyEvent) -> None:
    again = type(example).of(example.data, time=example.time.replace(year=2030))
    assert again.id == example.id


parts = st.text(max_size=20)


@given(st.tuples(parts, parts, parts, parts), st.tuples(parts, parts, parts, parts))
def test_different_facts_have_different_ids(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (event_id(*one) == event_id(*other)) == (one == other)


def test_ids_never_change_between_versions() -> None:
    assert event_id("twilio", "sms", "SM1", "received") == "40bbd5fc-f2e9-54b4-ad46-4f664bfd32f5"


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused_by_name(body: bytes) -> None:
    try:
        event = decode_event(body)
    except InvalidEvent:
        return
    assert isinstance(event, UnknownEvent)


def test_a_newer_type_is_unknown_not_invalid() -> None:
    assert decode_event(b'{"specversion":"1.0","type":"frontdesk.sms.received.v2"}') == UnknownEvent(
        "frontdesk.sms.received.v2"
    )


def test_an_invalid_event_names_its_fields_and_repeats_no_value() -> None:
    body = json.loads(EXAMPLES[0].to_json())
    body["data"]["from_number"] = {"secret": "+12125550123"}
    with pytest.raises(InvalidEvent, match=r"data\.from_number") as refused:
        decode_event(json.dumps(body).encode())
    assert "2125550123" not in str(refused.value)


def test_what_the_sender_named_is_not_repeated_either() -> None:
    body = json.loads(EXAMPLES[0].to_json())
    body["data"]["metadata"] = {"my tooth hurts": ["+12125550123"]}
    with pytest.raises(InvalidEvent, match=r"data\.metadata: ") as refused:
        decode_event(json.dumps(body).encode())
    assert "tooth" not in str(refused.value)


def test_every_consumer_reads_events_that_exist() -> None:
    subjects = {event.bus_subject for event in EVENTS}
    for consumer in CONSUMERS:
        assert consumer.subjects == ("events.>",) or set(consumer.subjects) <= subjects


@given(st.tuples(*[st.text(st.characters(codec="utf-8"))] * 4))
def test_an_id_is_the_uuid5_of_what_it_names(facts: tuple[str, str, str, str]) -> None:
    name = json.dumps(facts, separators=(",", ":"))
    assert event_id(*facts) == str(uuid5(NAMESPACE, name))


@given(event=events(), recorded=moments())
def test_what_is_written_without_making_the_event_is_the_event(event: AnyEvent, recorded: datetime) -> None:
    made = type(event).of(event.data, time=event.time, recorded=recorded, traceparent=TRACEPARENT)
    named, about, body = type(event).written(event.data, time=event.time, recorded=recorded, traceparent=TRACEPARENT)
    assert decode_event(body) == decode_event(made.to_json())
    assert (named, about) == (str(made.id), event.data.identity()[1])


def test_a_naive_time_is_no_moment_for_what_is_written_either() -> None:
    data = examples_of(EVENTS[0])[0].data
    with pytest.raises(ValueError, match="offset"):
        EVENTS[0].written(
            data, time=datetime.now(UTC).replace(tzinfo=None), recorded=datetime.now(UTC), traceparent=TRACEPARENT
        )
