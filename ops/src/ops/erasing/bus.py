"""A person on the bus: messages in streams, entries in key-value buckets. What is deleted is overwritten on disk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.consent import ConsentState
from contracts.topology import CONSENT, DEAD_LETTERS, EVENTS, REPLIES
from ops.erasing.entries import ERASED_CLAIM, owner_in, told_by
from ops.erasing.judging import Verdict, erased_among, judge
from ops.erasing.person import Person, event_in
from recorder.database import Database
from responder.consent.ledger import Word
from responder.numbers import key_of

_AT_A_TIME = 500
_KEPT = "the opt-out, under a hash of the number: it still may not be texted"


@dataclass
class BusErasure:
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


async def erase_messages(js: JetStreamContext, database: Database, person: Person) -> BusErasure:
    """Remove from the streams what the database says is erased (do that first), and what bears the number."""
    done = BusErasure()
    for stream in (EVENTS.name, DEAD_LETTERS.name):
        async for batch in _messages(js, stream):
            verdicts = await judge(database, person, [message.data for message in batch])
            for message, verdict in zip(batch, verdicts, strict=True):
                if verdict is Verdict.MENTION and stream == EVENTS.name:
                    done.left += 1  # somebody else's, and the only copy of it until it is recorded
                elif verdict is not Verdict.NONE or person.is_in(repr(message.headers).encode()):
                    await js.delete_msg(stream, message.metadata.sequence.stream)
                    done.count(stream)
    return done


async def erase_entries(js: JetStreamContext, database: Database, person: Person) -> BusErasure:
    """Remove the person from all buckets. Running it again is safe.

    Buckets refuse to delete single messages: entries are purged, and their bytes go when the server compacts.
    """
    done = BusErasure()
    for info in await js.streams_info():
        name = info.config.name or ""
        if name.startswith("KV_"):
            await _erase_entries(js, database, person, name.removeprefix("KV_"), done)
    return done


async def _erase_entries(
    js: JetStreamContext, database: Database, person: Person, bucket: str, done: BusErasure
) -> None:
    erased_claims = set()
    async for batch in _messages(js, f"KV_{bucket}"):
        entries = {message.subject.removeprefix(f"$KV.{bucket}."): message.data for message in batch}
        for key in await _theirs(database, person, bucket, entries):
            if bucket == CONSENT.name and _is_opt_out(key, entries[key], person):
                done.kept.append(_KEPT)
            elif bucket == REPLIES.name:  # a claim that is gone would let a repeat be answered a second time
                erased_claims.add(key)
                if entries[key] != ERASED_CLAIM:
                    await js.publish(f"$KV.{bucket}.{key}", ERASED_CLAIM)
                    done.count(bucket)
            else:
                await js.purge_stream(f"KV_{bucket}", subject=f"$KV.{bucket}.{key}")
                done.count(bucket)
    if erased_claims:
        await _erase_owners(js, erased_claims, done)


async def _theirs(database: Database, person: Person, bucket: str, entries: dict[str, bytes]) -> list[str]:
    """Keys of the entries that are the person's."""
    told = {key: told_by(bucket, key, value) for key, value in entries.items()}
    erased = await erased_among(database, [event for events in told.values() for event in events])
    hashed = key_of(person.number)
    return [
        key
        for key, value in entries.items()
        if hashed in key
        or person.is_in(key.encode())
        or person.is_in(value)
        or any(event["id"] in erased for event in told[key])
    ]


async def _erase_owners(js: JetStreamContext, claims: set[str], done: BusErasure) -> None:
    """The entries that say which message at a provider belongs to one of these claims."""
    subject = f"$KV.{REPLIES.name}.message.*"
    async for batch in _messages(js, f"KV_{REPLIES.name}", subject):
        for message in batch:
            if owner_in(message.data) in claims:
                await js.purge_stream(f"KV_{REPLIES.name}", subject=message.subject)
                done.count(REPLIES.name)


def _is_opt_out(key: str, value: bytes, person: Person) -> bool:
    return key == key_of(person.number) and Word.model_validate_json(value).state is ConsentState.OPTED_OUT


async def _messages(js: JetStreamContext, stream: str, subject: str | None = None) -> AsyncIterator[list[Msg]]:
    """All messages that are there now (of one subject), in batches."""
    info = await js.stream_info(stream)
    if not info.state.messages:
        return
    [every] = info.config.subjects or []
    reading = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, mem_storage=True, inactive_threshold=60
    )
    subscription = await js.pull_subscribe(subject or every, stream=stream, config=reading)
    waiting = (await subscription.consumer_info()).num_pending or 0
    while waiting:
        batch = await subscription.fetch(min(waiting, _AT_A_TIME), timeout=5)
        yield batch
        waiting = min(waiting - len(batch), batch[-1].metadata.num_pending or 0)
    await subscription.unsubscribe()
