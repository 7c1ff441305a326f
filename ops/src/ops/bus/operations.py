"""Everything anybody could try on the bus, and whose business it is: the rows of the rights matrix.

Derived from the contracts, but not from `ops.bus.permissions`, which it is there to check.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts import EVENTS
from contracts.commands import VoiceTurnRequest
from contracts.topology import BUCKETS, CONSUMERS, STREAMS, Bucket, Consumer, dead_letter_subject
from contracts.topology import EVENTS as EVENTS_STREAM
from ops.bus.permissions import SERVICES


@dataclass(frozen=True)
class Operation:
    """One attempt: something done to something."""

    deed: str
    on: str
    subject: str
    """Where it is sent to, or listened at."""
    owner: str | None = None
    """The service whose event, consumer, bucket or inbox it is; that alone allows nothing."""
    listens: bool = False


_STREAM_API = (
    "STREAM.CREATE.{}",
    "STREAM.UPDATE.{}",
    "STREAM.DELETE.{}",
    "STREAM.PURGE.{}",
    "STREAM.INFO.{}",
    "STREAM.MSG.GET.{}",
    "STREAM.MSG.DELETE.{}",
    "STREAM.SNAPSHOT.{}",
    "STREAM.RESTORE.{}",
    "STREAM.LEADER.STEPDOWN.{}",
    "STREAM.PEER.REMOVE.{}",
    "DIRECT.GET.{}",
    "DIRECT.GET.{}.any.subject",
    "CONSUMER.NAMES.{}",
    "CONSUMER.LIST.{}",
    "CONSUMER.CREATE.{}",
    "CONSUMER.CREATE.{}.another",
    "CONSUMER.CREATE.{}.another.any.subject",
    "CONSUMER.DURABLE.CREATE.{}.another",
)
"""JetStream's API for a stream; `CONSUMER.CREATE` is also how a key-value bucket is watched."""

_READ = "STREAM.MSG.GET.{}"
"""How a key of a bucket is read."""

_CONSUMER_API = (
    "CONSUMER.CREATE.{}",
    "CONSUMER.DURABLE.CREATE.{}",
    "CONSUMER.DELETE.{}",
    "CONSUMER.INFO.{}",
    "CONSUMER.MSG.NEXT.{}",
    "CONSUMER.PAUSE.{}",
    "CONSUMER.UNPIN.{}",
    "CONSUMER.LEADER.STEPDOWN.{}",
)

_SERVER_API = (
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.ACCOUNT.PURGE.FRONTDESK",
    "$JS.API.META.LEADER.STEPDOWN",
    "$JS.API.SERVER.REMOVE",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.USER.INFO",
    "$SYS.REQ.ACCOUNT.FRONTDESK.CONNZ",
)

_EVERYTHING = (
    *(">", "*", "*.>", "events.>", "commands.>", "dead.>", "_INBOX.>", "_R_.>"),
    *("$KV.>", "$JS.>", "$JS.API.>", "$JS.EVENT.>", "$SYS.>"),
)


def operations() -> tuple[Operation, ...]:
    """All of them, what a service's work needs and what it must not."""
    return (
        *(Operation("publish", event.bus_subject, event.bus_subject, event.published_by) for event in EVENTS),
        *(
            Operation("listen to", event.bus_subject, event.bus_subject, event.published_by, listens=True)
            for event in EVENTS
        ),
        *_commands(),
        *(operation for service in SERVICES for operation in _service(service)),
        *(operation for consumer in CONSUMERS for operation in _consumer(consumer)),
        *(operation for bucket in BUCKETS for operation in _bucket(bucket)),
        *(
            Operation(f"$JS.API.{call.format('*')}", stream.name, f"$JS.API.{call.format(stream.name)}")
            for stream in STREAMS
            for call in _STREAM_API
        ),
        *(Operation("ask the server", subject, subject) for subject in _SERVER_API),
        *(Operation("listen to", subject, subject, listens=True) for subject in _EVERYTHING),
    )


def _commands() -> Iterator[Operation]:
    subject = VoiceTurnRequest.bus_subject
    yield Operation("ask", subject, subject, VoiceTurnRequest.asked_by)
    yield Operation("answer", subject, subject, VoiceTurnRequest.answered_by, listens=True)


def _service(name: str) -> Iterator[Operation]:
    consumes = any(consumer.service == name for consumer in CONSUMERS)
    letters, inbox = dead_letter_subject(name), f"_INBOX_{name}"
    yield Operation("set aside as a dead letter", letters, letters, name if consumes else None)
    yield Operation("receive answers", inbox, f"{inbox}.>", name, listens=True)
    yield Operation("send into an inbox", inbox, f"{inbox}.forged", name)


def _consumer(consumer: Consumer) -> Iterator[Operation]:
    name, owner, place = consumer.name, consumer.service, f"{EVENTS_STREAM.name}.{consumer.name}"
    for call in _CONSUMER_API:
        yield Operation(f"$JS.API.{call.format('EVENTS.*')}", name, f"$JS.API.{call.format(place)}", owner)
    yield Operation("acknowledge", name, f"$JS.ACK.{place}.1.1.1.1.0", owner)


def _bucket(bucket: Bucket) -> Iterator[Operation]:
    stream, owner, key = f"KV_{bucket.name}", bucket.service, f"$KV.{bucket.name}.key"
    yield Operation("put or delete a key", bucket.name, key, owner)
    yield Operation("read a key", bucket.name, f"$JS.API.{_READ.format(stream)}", owner)
    for call in _STREAM_API:
        if call != _READ:
            yield Operation(f"$JS.API.{call.format('*')}", stream, f"$JS.API.{call.format(stream)}", owner)
