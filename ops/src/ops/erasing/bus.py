"""A person on the bus: messages in streams, entries in key-value buckets. What is deleted is overwritten on disk."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.consent import ConsentState
from contracts.topology import CONSENT, DEAD_LETTERS, EVENTS, REPLIES
from ops.erasing.person import Person, event_in
from recorder.database import Database
from responder.consent.ledger import Word
from responder.numbers import key_of
from responder.sending.claims import Erased

_AT_A_TIME = 500
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEPT = Erased().model_dump_json().encode()


@dataclass
class Erasure:
    """What was done to the bus."""

    removed: dict[str, int] = field(default_factory=dict)
    """Messages, by stream or bucket."""
    kept: list[str] = field(default_factory=list)
    """What stays, and why."""
    left: int = 0
    """Messages of others that mention the number and are not in the database yet."""

    def count(self, where: str) -> None:
        """One more removed there."""
        self.removed[where] = self.removed.get(where, 0) + 1


async def published(js: JetStreamContext, person: Person) -> list[dict[str, Any]]:
    """The person's own events that are on the bus, recorded or not."""
    found: list[dict[str, Any]] = []
    for stream in (EVENTS.name, DEAD_LETTERS.name):
        async for batch in _messages(js, stream):
            mentioning = [event_in(message.data) for message in batch if person.is_in(message.data)]
            found += [event for event in mentioning if event and person.is_party_to(event)]
    return found


async def erase(js: JetStreamContext, database: Database, person: Person) -> Erasure:
    """Remove what the database says is erased (do that first), and what bears the number. Running it again is safe."""
    done = Erasure()
    removed = -1
    while sum(done.removed.values()) > removed:  # an event may show that an earlier one was the person's, too
        removed, done.left = sum(done.removed.values()), 0
        for stream in (EVENTS.name, DEAD_LETTERS.name):
            await _erase_messages(js, database, person, stream, done)
    for info in await js.streams_info():
        if (info.config.name or "").startswith("KV_"):
            await _erase_entries(js, database, person, str(info.config.name), done)
    return done


async def _erase_messages(js: JetStreamContext, database: Database, person: Person, stream: str, done: Erasure) -> None:
    async for batch in _messages(js, stream):
        events = [event_in(message.data) for message in batch]
        erased = await _erased(database, [event for event in events if event])
        for message, event in zip(batch, events, strict=True):
            if event and event["id"] in erased:
                pass
            elif not person.is_in(message.data):
                continue
            elif event and stream == EVENTS.name and not person.is_party_to(event):
                done.left += 1  # somebody else's, and the only copy of it until it is recorded
                continue
            await js.delete_msg(stream, message.metadata.sequence.stream)
            done.count(stream)


async def _erase_entries(js: JetStreamContext, database: Database, person: Person, stream: str, done: Erasure) -> None:
    """Buckets refuse to delete single messages: entries are purged, and their bytes go when the server compacts."""
    bucket = stream.removeprefix("KV_")
    async for batch in _messages(js, stream):
        entries = {message.subject.removeprefix(f"$KV.{bucket}."): message for message in batch}
        claims = [_named(key) for key in entries if bucket == REPLIES.name and _UUID.fullmatch(key)]
        theirs = await _erased(database, claims)
        hashed = key_of(person.number)
        for key, message in entries.items():
            if bucket == CONSENT.name and key == hashed:
                if Word.model_validate_json(message.data).state is ConsentState.OPTED_OUT:
                    done.kept.append("the opt-out, under a hash of the number: it still may not be texted")
                    continue
            elif message.data == _KEPT or not (
                key in theirs or hashed in key or person.is_in(message.data) or person.is_in(key.encode())
            ):
                continue
            await js.purge_stream(stream, subject=message.subject)
            if bucket == REPLIES.name:  # otherwise a repeat of the text would be answered a second time
                await js.publish(message.subject, _KEPT)
            done.count(bucket)


async def _erased(database: Database, events: list[dict[str, Any]]) -> set[str]:
    return set(await database.call("erased_among", published=events)) if events else set()


def _named(key: str) -> dict[str, Any]:
    """Claims are kept by the id of the text's event."""
    return {"id": key, "type": "", "data": {}}


async def _messages(js: JetStreamContext, stream: str) -> AsyncIterator[list[Msg]]:
    """All messages that are there now, in batches."""
    info = await js.stream_info(stream)
    if not info.state.messages:
        return
    [subject] = info.config.subjects or []
    reading = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, mem_storage=True, inactive_threshold=60
    )
    subscription = await js.pull_subscribe(subject, stream=stream, config=reading)
    waiting = info.state.messages
    while waiting:
        batch = await subscription.fetch(min(waiting, _AT_A_TIME), timeout=5)
        yield batch
        waiting = min(waiting - len(batch), batch[-1].metadata.num_pending or 0)
    await subscription.unsubscribe()
