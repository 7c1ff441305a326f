"""`frontdesk erase`: no byte of the person is left anywhere, nobody else lost anything, nothing comes back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from chassis.bus import Bus
from contracts.call import CallStatusChanged
from contracts.sms import SmsReceived
from ops.erasing.person import NotANumber, Person
from ops.main import cli
from recorder.database import Database
from support.events import NOON
from support.mary import FROM_MARY, MARY, SECRETS, in_the_database, marys_events, on_the_bus, publish, somebody_elses
from support.recorder import PATIENT, PRACTICE, as_json, event, everything, record
from support.recorder_day import a_day


async def test_no_byte_of_the_person_is_left_and_nobody_else_lost_anything(
    erase: Callable[..., Any], operator: Bus, connection: psycopg.Connection, tmp_path: Path
) -> None:
    record(connection, as_json(a_day()))
    before = everything(connection)
    record(connection, as_json([*marys_events(), somebody_elses()]))
    await publish(operator, [*a_day(), *marys_events(), somebody_elses()])
    [text] = [each.id for each in marys_events()][:1]
    replies, consent = await operator.js.key_value("REPLIES"), await operator.js.key_value("CONSENT")
    await replies.put(str(text), b'{"state":"sent","outcome":"Dear Mary Poppins"}')
    await replies.put("somebody-else", b'{"state":"sent"}')
    await operator.js.publish("dead.recorder", marys_events()[7].to_json())
    await operator.js.publish("dead.recorder", b"broken: " + MARY.encode())
    await operator.js.publish("dead.recorder", b"broken too")
    connection.execute("select mark_done('call', 'twilio/CAm1', true, 'Ann')")
    connection.execute("select add_note('call', 'twilio/CAm1', 'the umbrella lady', 'Ann')")
    connection.execute("select add_note('call', 'twilio/CA1', 'sister of (646) 555-0188', 'Ann')")
    connection.execute("select audit('Ann', 'looked', 'conversation', %s, '10.0.0.1')", (f"{PRACTICE}:{MARY}",))
    counted = connection.execute("select sum(n) from frontdesk.counts").fetchone()

    done = await erase("646 555 0188", "--yes")

    assert done.exit_code == 0, done.output
    dump, bus = in_the_database(connection), await on_the_bus(operator)
    for secret in SECRETS:
        assert secret not in dump, secret
        assert secret.encode() not in bus, secret
    assert (await replies.get("somebody-else")).value == b'{"state":"sent"}'
    assert (await replies.get(str(text))).value == b'{"state":"erased"}'
    assert b"broken too" in bus
    assert connection.execute("select sum(n) from frontdesk.counts").fetchone() == counted
    after = everything(connection)
    [mention] = [row for row in after["sms_conversations"] if row["message_sid"] == "SMo1"]
    assert mention["message"] == "my sister's number is ([erased]), mine you know"
    after["sms_conversations"].remove(mention)
    assert {**after, "conversations": []} == {**before, "conversations": []}
    assert {row["patient"] for row in after["conversations"]} == {PATIENT}
    [receipt] = (tmp_path / "receipts").iterdir()
    assert not [secret for secret in SECRETS if secret in receipt.read_text()]
    said = json.loads(receipt.read_text())
    assert said["database"]["calls"] == 1
    assert said["database"]["messages"] == 4
    assert said["database"]["mentions"] == 1
    assert said["bus"]["DEAD_LETTERS"] == 2
    assert said["bus"]["REPLIES"] == 1
    assert said["unfinished"] == []
    assert connection.execute("select count(*) from audit_log where action = 'erase'").fetchone() == (1,)
    assert consent


async def test_what_is_delivered_again_brings_nobody_back(
    erase: Callable[..., Any], connection: psycopg.Connection, direct: Database
) -> None:
    record(connection, as_json(marys_events()))
    assert (await erase(MARY, "--yes")).exit_code == 0
    late = event(CallStatusChanged, minute=9, call_sid="CAm1", status="completed", metadata={"who": "Mary Poppins"})
    assert await direct.record(as_json([*marys_events(), late])) == 0
    assert not [secret for secret in SECRETS if secret in in_the_database(connection)]
    again = event(SmsReceived, minute=99, message_sid="SMm2", **FROM_MARY, message="Me again", metadata={})
    assert await direct.record(as_json([again])) > 0


async def test_what_the_bus_alone_knows_goes_and_running_it_again_finishes(
    erase: Callable[..., Any], operator: Bus, direct: Database, connection: psycopg.Connection
) -> None:
    await publish(operator, [*marys_events(), somebody_elses()])
    first = await erase(MARY, "--yes")
    assert first.exit_code == 1
    assert "not recorded yet" in first.output
    assert await direct.record(as_json([*marys_events(), somebody_elses()])) > 0
    second = await erase(MARY, "--yes")
    assert second.exit_code == 0, second.output
    dump, bus = in_the_database(connection), await on_the_bus(operator)
    assert not [secret for secret in SECRETS if secret in dump or secret.encode() in bus]
    assert "mine you know" in dump
    third = await erase(MARY, "--yes")
    assert third.exit_code == 0
    assert json.loads(third.output.split("receipt:")[0])["database"] == {}


async def test_an_opt_out_is_still_honoured(erase: Callable[..., Any], operator: Bus) -> None:
    from responder.numbers import key_of

    consent = await operator.js.key_value("CONSENT")
    entry = {"said_at": NOON.isoformat(), "event_id": str(marys_events()[0].id), "changed": True}
    await consent.put(key_of(MARY), json.dumps(entry | {"state": "opted_out"}).encode())
    await consent.put(key_of(PATIENT), json.dumps(entry | {"state": "opted_in"}).encode())
    done = await erase(MARY, "--yes")
    assert "opt-out" in done.output
    forgotten = await erase(PATIENT, "--yes")
    assert forgotten.exit_code == 0, forgotten.output
    assert await consent.keys() == [key_of(MARY)]


async def test_looking_changes_nothing(
    erase: Callable[..., Any], operator: Bus, connection: psycopg.Connection
) -> None:
    record(connection, as_json(marys_events()))
    await publish(operator, marys_events())
    before = in_the_database(connection)
    looked = await erase(MARY, "--dry-run")
    assert looked.exit_code == 0
    assert json.loads(looked.output)["database"]["sms"] == 4
    assert in_the_database(connection) == before
    assert (await operator.js.stream_info("EVENTS")).state.messages == len(marys_events())


async def test_what_cannot_be_reached_is_named_and_nothing_was_done(
    erase: Callable[..., Any], connection: psycopg.Connection, free_port: int
) -> None:
    record(connection, as_json(marys_events()))
    for where in (["--nats-url", f"nats://127.0.0.1:{free_port}"],
                  ["--database-url", f"postgresql://x@127.0.0.1:{free_port}/x"]):  # fmt: skip
        failed = await erase(MARY, "--yes", *where)
        assert failed.exit_code == 1
        assert "bus" in failed.output or "database" in failed.output
    assert MARY in in_the_database(connection)


async def test_the_practice_itself_is_not_erased(erase: Callable[..., Any], connection: psycopg.Connection) -> None:
    record(connection, as_json(a_day()))
    refused = await erase(PRACTICE, "--yes")
    assert refused.exit_code == 1
    assert "practice" in refused.output


@pytest.mark.parametrize("written", ["+1 (646) 555-0188", "646.555.0188", "16465550188", "tel:+1-646-555-0188"])
def test_a_number_is_known_however_it_is_written(written: str) -> None:
    person = Person.of(written)
    assert person.number == MARY
    for form in ("+16465550188", "6465550188", "(646) 555-0188", "1-646-555-0188", '"%2B16465550188"'):
        assert person.is_in(f"call {form}, please".encode())
    for other in ("26465550188", "64655501881", "6465550189", "+1646555"):
        assert not person.is_in(other.encode())


@pytest.mark.parametrize("written", ["", "Mary", "911", "'; drop table events; --"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(NotANumber):
        Person.of(written)
    assert CliRunner().invoke(cli, ["erase", "--nats-url", "nats://x", "--", written]).exit_code == 2


def test_two_receipts_of_one_person_do_not_show_that_they_are() -> None:
    assert Person.of(MARY).fingerprint() != Person.of(MARY).fingerprint()
