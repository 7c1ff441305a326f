"""A STOP outlives the person's data: also one that nobody acted on yet, because it waits in a stream or the spool."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from nats.js import JetStreamContext
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError

from contracts.consent import ConsentState
from contracts.topology import CONSENT
from contracts.values import Category
from ops.erasing.person import Person
from responder.consent.ledger import Word, merge
from responder.numbers import key_of
from responder.understanding import commands, consent
from responder.understanding.reading import Reading

_STATES = {Category.OPT_OUT: ConsentState.OPTED_OUT, Category.OPT_IN: ConsentState.OPTED_IN}
_TWILIO = {"STOP": ConsentState.OPTED_OUT, "START": ConsentState.OPTED_IN}


async def keep(js: JetStreamContext, person: Person, events: Iterable[dict[str, Any]]) -> None:
    """Write the opt-out that the person's events tell of to the responder's ledger, unless it knows better."""
    words = list(words_in(events, person))
    ledger, key = await js.key_value(CONSENT.name), key_of(person.number)
    while True:
        try:
            entry = await ledger.get(key)
            known, revision = Word.model_validate_json(entry.value or b""), entry.revision
        except KeyNotFoundError:
            known, revision = None, None
        newest = known
        for word in words:
            newest = merge(newest, word)
        if newest is None or newest == known or newest.state is not ConsentState.OPTED_OUT:
            return
        try:
            await ledger.update(key, newest.model_dump_json().encode(), last=revision)
        except KeyWrongLastSequenceError:  # the responder heard it meanwhile
            continue
        return


def words_in(events: Iterable[dict[str, Any]], person: Person) -> Iterator[Word]:
    """What the person said about being texted, as far as it is plain: a command, or a sentence that says so."""
    for event in events:
        with suppress(ValueError, TypeError, KeyError):  # a dead letter need not be valid
            if (state := _state(event, person)) is not None:
                said_at = datetime.fromisoformat(event.get("recordedtime") or event["time"])
                yield Word(state=state, said_at=said_at, event_id=UUID(event["id"]))


def _state(event: dict[str, Any], person: Person) -> ConsentState | None:
    data = event["data"]
    if event["type"] == "frontdesk.consent.changed.v1" and data.get("number") == person.number:
        return ConsentState(data["state"])
    if event["type"] != "frontdesk.sms.received.v1" or data.get("from_number") != person.number:
        return None
    if told := _TWILIO.get(str(data.get("opt_out_type") or "").upper()):
        return told
    reading = Reading(str(data.get("message") or ""))
    _, category = commands.command(reading) or consent.wish(reading) or ("", None)
    return _STATES.get(category) if category else None
