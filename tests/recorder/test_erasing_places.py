"""`frontdesk erase` in the buckets as the responder fills them, and in the spool of a gateway that works."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chassis.bus import Bus
from chassis.encoding import Encoded
from contracts.consent import ConsentState
from contracts.notice import NoticeSent
from contracts.registry import AnyEvent
from contracts.sms import SmsReceived, SmsSent
from contracts.staff import AlertRaised
from contracts.topology import BUDGETS, CALLS, CONSENT, NOTICES, REPLIES
from contracts.values import Category
from gateway.publishing.spool import Spool
from responder.alerts.book import Book as AlertBook
from responder.alerts.escalation import Alert
from responder.calls.book import Book as CallBook
from responder.consent.ledger import Ledger, Word
from responder.consent.lines import Lines, Refusal
from responder.numbers import key_of
from responder.practice.people import Budgets, Person
from responder.senders.port import Meaning
from responder.sending.claims import Claims, Concluded, Held
from responder.sending.keys import notice_key, reply_key
from responder.silence.budgets import Wish
from responder.silence.quotas import Quotas
from responder.store import Store
from support.mary import FROM_MARY, MARY, SECRETS, marys_events, on_the_bus, publish, somebody_elses
from support.recorder import PATIENT, PRACTICE, as_json, event, everything, record
from support.recorder_day import a_day

Erase = Callable[..., Any]
NOW = datetime.now(UTC)


async def responder_remembers(bus: Bus, number: str, name: str, text: AnyEvent, outcome: AnyEvent) -> None:
    """Every kind of entry that the responder makes about one number, by its own code."""
    notices, calls, consent = Store(bus, NOTICES), CallBook(Store(bus, CALLS), Store(bus, NOTICES)), Store(bus, CONSENT)
    wish = Wish(text.id, Category.HOURS, asked="umbrella", said="nanny")
    await Quotas(Store(bus, BUDGETS), Budgets()).take(number, wish, day=NOW.date(), now=NOW)
    claims = Claims(Store(bus, REPLIES))
    assert isinstance(outcome, SmsSent)
    await claims.own(reply_key(text.id), provider="twilio", message_sid=f"SR{name}1")
    await claims.move(Held(reply_key(text.id), None, 0), Concluded(state="sent", outcome=outcome))
    await Lines(consent).remember(number, Refusal(meaning=Meaning.NO_TEXTS, code="30006", at=NOW))
    await calls.learn("twilio", f"CA{name}1", lambda known: known.model_copy(update={"caller": number}))
    await calls.reached(number, f"CA{name}1", NOW)
    alert = event(AlertRaised, kind="emergency_text", origin=f"SM{name}1", from_number=number, to_number=PRACTICE)
    assert isinstance(alert, AlertRaised)
    on_call = Person(name="Dr. Ann", number="+12125550177")
    await AlertBook(notices).begin(Alert.of(alert), None, on_call, NOW)
    await AlertBook(notices).count(number, alert.id, 1, now=NOW, per_hour=3)


def of_the_other() -> tuple[SmsReceived, SmsSent]:
    """A text of another patient, and its answer."""
    text = event(SmsReceived, message_sid="SMo1", from_number=PATIENT, to_number=PRACTICE, message="Hi", metadata={})
    reply = event(
        SmsSent, message_sid="SRo1", from_number=PRACTICE, to_number=PATIENT, message="Hello", status="sent",
        category="none", in_reply_to="SMo1", in_reply_to_provider="twilio", in_reply_to_event=text.id,
    )  # fmt: skip
    assert isinstance(text, SmsReceived)
    assert isinstance(reply, SmsSent)
    return text, reply


async def entries(bus: Bus) -> dict[str, bytes]:
    """Everything in the buckets."""
    found = {}
    for bucket in (BUDGETS, NOTICES, CALLS, CONSENT, REPLIES):
        kv = await bus.js.key_value(bucket.name)
        with contextlib.suppress(Exception):
            for key in await kv.keys():
                found[f"{bucket.name} {key}"] = (await kv.get(key)).value or b""
    return found


async def test_all_buckets_forget_the_person_and_nobody_else(
    erase: Erase, operator: Bus, connection: psycopg.Connection
) -> None:
    await responder_remembers(operator, PATIENT, "o", *of_the_other())
    others = await entries(operator)
    mine = marys_events()
    await responder_remembers(operator, MARY, "m", mine[0], mine[1])
    claims = Claims(Store(operator, REPLIES))
    notice = next(each for each in mine if isinstance(each, NoticeSent))
    told_staff = notice_key(purpose="staff_alert", cause=notice.data.cause, recipient="+12125550177", step=1)
    await claims.move(Held(told_staff, None, 0), Concluded(state="sent", outcome=notice))
    without_number = CallBook(Store(operator, CALLS), Store(operator, NOTICES))
    await without_number.learn("twilio", "CAm1", lambda known: known.model_copy(update={"caller": None}))
    assert len(await entries(operator)) >= 2 * len(others)
    record(connection, as_json(mine))

    done = await erase(MARY, "--yes")

    assert done.exit_code == 0, done.output
    left = await entries(operator)
    day = f"BUDGETS day.{NOW.date()}"
    erased = {name: value for name, value in left.items() if name not in others}
    assert erased == {f"REPLIES {key}": b'{"state":"erased"}' for key in (reply_key(mine[0].id), told_staff)}
    assert {name: value for name, value in left.items() if name in others and name != day} == {
        name: value for name, value in others.items() if name != day
    }
    bus = await on_the_bus(operator)
    assert not [secret for secret in (*SECRETS, key_of(MARY)) if secret.encode() in bus]
    again = await erase(MARY, "--yes")
    assert again.exit_code == 0
    assert json.loads(again.output.split("receipt:")[0])["bus"] == {}
    assert await entries(operator) == left


@pytest.mark.parametrize("said", ["STOP", "please stop texting me", "Basta"])
@pytest.mark.parametrize("where", ["stream", "spool"])
async def test_a_stop_that_nobody_has_read_yet_is_honoured(
    erase: Erase, operator: Bus, tmp_path: Path, said: str, where: str
) -> None:
    stop = event(SmsReceived, message_sid="SMm9", **FROM_MARY, message=said, metadata={})
    async with gateway_spool(tmp_path / "spool", [stop] if where == "spool" else []):
        await publish(operator, [stop] if where == "stream" else [])
        for _ in range(2):
            done = await erase(MARY, "--yes", "--spool", str(tmp_path / "spool"))
            assert done.exit_code == 0, done.output
            assert (await Ledger(Store(operator, CONSENT)).standing(MARY)).opted_out
    assert MARY.encode() not in await on_the_bus(operator)


async def test_in_doubt_the_person_is_not_texted(erase: Erase, operator: Bus) -> None:
    words = [
        event(SmsReceived, minute=minute, message_sid=f"SM{minute}", **FROM_MARY, message=said, metadata={})
        for minute, said in ((1, "STOP"), (2, "START"))
    ]
    await publish(operator, words)
    stop = Word(state=ConsentState.OPTED_OUT, said_at=words[0].time, event_id=words[0].id)
    await Ledger(Store(operator, CONSENT)).write(MARY, stop, 0)
    assert (await erase(MARY, "--yes")).exit_code == 0
    assert (await Ledger(Store(operator, CONSENT)).standing(MARY)).opted_out


@contextlib.asynccontextmanager
async def gateway_spool(folder: Path, events: list[AnyEvent]) -> AsyncIterator[Spool]:
    """The gateway's own, at work, with these events in it."""
    spool = Spool(folder, 20_000_000)
    spool.start()
    await spool.put([encoded(each) for each in events])
    yield spool
    await spool.close()


def encoded(event: AnyEvent) -> Encoded:
    return Encoded(str(event.id), event.bus_subject, event.to_json())


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_a_working_gateway_s_spool_is_emptied_of_the_person(
    erase: Erase, operator: Bus, connection: psycopg.Connection, tmp_path: Path
) -> None:
    folder, mine = tmp_path / "spool", marys_events()
    async with gateway_spool(folder, [*mine, *of_the_other()]) as spool:
        for each in mine[:2]:
            await spool.set_aside(encoded(each), "too large")
        keeps_coming = asyncio.create_task(keep_putting(spool))
        done = await erase(MARY, "--yes", "--spool", str(folder))
        came = await keeps_coming
        assert done.exit_code == 0, done.output
        assert json.loads(done.output.split("receipt:")[0])["spool"] == len(mine)
        assert not [secret for secret in SECRETS if secret.encode() in on_disk(folder)]
        assert [each.id for each in await spool.oldest(1000)] == [str(each.id) for each in of_the_other()] + came
        assert await spool.try_again() == 0
        assert await spool.problem() is None
    with sqlite3.connect(folder / "spool-0001.db") as file:
        assert file.execute("pragma integrity_check").fetchone() == ("ok",)


async def keep_putting(spool: Spool) -> list[str]:
    """Webhooks that come meanwhile."""
    ids = []
    for number in range(200):
        ids.append(f"00000000-0000-4000-8000-{number:012}")
        await spool.put([Encoded(ids[-1], "events.sms.received", b"{}")])
        await asyncio.sleep(0)
    return ids


async def test_what_hangs_on_something_spooled_is_found_on_the_bus_and_in_the_database(
    erase: Erase, operator: Bus, connection: psycopg.Connection, tmp_path: Path
) -> None:
    mine = marys_events()
    bearing = [each for each in mine if MARY.encode() in each.to_json()]
    hanging = [each for each in mine if each not in bearing]
    record(connection, as_json(hanging))
    await publish(operator, hanging)
    async with gateway_spool(tmp_path / "spool", bearing):
        done = await erase(MARY, "--yes", "--spool", str(tmp_path / "spool"))
        assert done.exit_code == 0, done.output
        assert not [secret for secret in SECRETS if secret.encode() in on_disk(tmp_path / "spool")]
    assert not any(everything(connection).values())
    assert (await operator.js.stream_info("EVENTS")).state.messages == 0


async def test_a_mention_in_the_spool_waits_for_its_record_and_a_damaged_file_is_named(
    erase: Erase, operator: Bus, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "spool-0001.db").write_bytes(b"SQLite format 3\0" + b"damaged" * 1000)
    async with gateway_spool(tmp_path / "spool", []) as spool:
        await spool.put([encoded(each) for each in (*marys_events(), somebody_elses())])
        done = await erase(MARY, "--yes", "--spool", str(tmp_path / "spool"))
        assert done.exit_code == 1
        assert "spool-0001.db" in done.output
        assert "not recorded yet" in done.output
        assert [each.id for each in await spool.oldest(100)] == [str(somebody_elses().id)]


WRITTEN = (
    "+16465550188", "16465550188", "6465550188", "(646) 555-0188", "1-646-555-0188", "+1 (646) 555 - 0188",
    "646.555.0188", "646/555/0188", "646\u00a0555\u20110188", "011 1 646 555 0188",
)  # fmt: skip


async def test_others_keep_their_words_without_the_number_in_any_form(
    erase: Erase, operator: Bus, connection: psycopg.Connection
) -> None:
    others = [
        event(SmsReceived, message_sid=f"SMo{place}", from_number=PATIENT, to_number=PRACTICE, metadata={},
              message=f"my sister, {form}; ask for me")
        for place, form in enumerate(WRITTEN)
    ]  # fmt: skip
    record(connection, as_json([*a_day(), *others]))
    for form in WRITTEN:
        connection.execute("select add_note('call', 'twilio/CA1', %s, 'Ann')", (f"sister: {form}.",))
    await publish(operator, [*a_day(), *others])
    done = await erase(MARY, "--yes")
    assert done.exit_code == 0, done.output
    texts = connection.execute("select message from sms_conversations where message_sid like 'SMo%'").fetchall()
    assert {said.replace("(", "") for (said,) in texts} == {"my sister, [erased]; ask for me"}
    notes = connection.execute("select note from notes").fetchall()
    assert {note.replace("(", "") for (note,) in notes} == {"sister: [erased]."}
    assert (await operator.js.stream_info("EVENTS")).state.messages == len(a_day())


async def test_the_practice_s_number_is_refused_even_when_only_the_bus_knows_it(erase: Erase, operator: Bus) -> None:
    await publish(operator, marys_events())
    refused = await erase(PRACTICE, "--yes")
    assert refused.exit_code == 1
    assert "practice" in refused.output
    assert (await operator.js.stream_info("EVENTS")).state.messages == len(marys_events())


async def test_dead_letters_that_are_no_valid_events_go_with_what_they_hang_on(
    erase: Erase, operator: Bus, connection: psycopg.Connection
) -> None:
    record(connection, as_json(marys_events()))
    invalid = json.loads(marys_events()[10].to_json())
    invalid["data"]["segments"] = "no list"
    await operator.js.publish("dead.recorder", json.dumps(invalid).encode())
    said = {"provider": "twilio", "message_sid": "SMm7", "from_number": MARY, "message": "STOP", "in_reply_to": "SMo1"}
    timeless = {"id": str(marys_events()[0].id), "type": "frontdesk.sms.received.v1", "data": said}
    whole = timeless | {"data": said | {"in_reply_to_provider": "twilio"}}
    strange = (timeless, whole, whole | {"id": f"urn:uuid:{whole['id']}"}, whole | {"name": "\ud800"})
    for each in (*strange, whole | {"nan": 1e999}, whole | {"data": [MARY]}):
        await operator.js.publish("dead.recorder", json.dumps(each).encode())
    await operator.js.publish("dead.recorder", b"?", headers={"Frontdesk-Detail": f"no answer from {MARY}"})
    assert (await erase(MARY, "--yes")).exit_code == 0
    assert (await operator.js.stream_info("DEAD_LETTERS")).state.messages == 0
