"""Create or update streams, durable consumers and key-value buckets. Running it again changes nothing."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import nats
from faststream.nats.security import NatsSecurity, parse_security
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, KeyValueConfig, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from contracts.topology import BUCKETS, CONSUMERS, EVENTS, STREAMS, Bucket, Consumer, Stream
from ops.bus.permissions import OPERATOR


@contextlib.asynccontextmanager
async def connected(url: str, *, security: NatsSecurity | None = None) -> AsyncIterator[Client]:
    """A short-lived connection for one command. Raises `nats.errors.Error` or `OSError` when it cannot be made."""
    client = await nats.connect(
        url.split(","),
        name="frontdesk-ops",
        inbox_prefix=f"_INBOX_{OPERATOR}",
        allow_reconnect=False,
        max_reconnect_attempts=1,  # the default goes on for two minutes
        connect_timeout=3,
        error_cb=_ignore,
        **parse_security(security),
    )
    try:
        yield client
    finally:
        await client.close()


async def _ignore(_: Exception) -> None:
    """Errors of a short-lived connection reach the caller as exceptions."""


async def apply(url: str, *, security: NatsSecurity | None = None, replicas: int = 1) -> list[str]:
    """Make the bus as `contracts.topology` says; returns one line per thing with what was done to it."""
    async with connected(url, security=security) as client:
        js = client.jetstream(timeout=5)
        return [
            *[await _stream(js, stream, replicas) for stream in STREAMS],
            *[await _consumer(js, consumer) for consumer in CONSUMERS],
            *[await _bucket(js, bucket, replicas) for bucket in BUCKETS],
        ]


async def _stream(js: JetStreamContext, stream: Stream, replicas: int) -> str:
    want = StreamConfig(
        **{**asdict(stream), "subjects": list(stream.subjects)},
        discard=DiscardPolicy.NEW,
        storage=StorageType.FILE,
        allow_direct=False,
        num_replicas=replicas,
    )
    try:
        have = (await js.stream_info(stream.name)).config
    except NotFoundError:
        await js.add_stream(want)
        return f"stream {stream.name}: created"
    ours = ("subjects", "max_age", "max_bytes", "duplicate_window", "max_msg_size", "discard")
    return f"stream {stream.name}: {await _changed(js, have, want, *ours)}"


async def _changed(js: JetStreamContext, have: StreamConfig, want: StreamConfig, *ours: str) -> str:
    """Bring what is there to what is wanted, of `ours` and of what streams and buckets have in common."""
    names = (*ours, "num_replicas", "allow_direct")
    changes: dict[str, Any] = {
        name: getattr(want, name) for name in names if getattr(have, name) != getattr(want, name)
    }
    if not changes:
        return "as it should be"
    await js.update_stream(have.evolve(**changes))
    return f"changed {', '.join(sorted(changes))}"


async def _consumer(js: JetStreamContext, consumer: Consumer) -> str:
    await js.add_consumer(
        EVENTS.name,
        ConsumerConfig(
            name=consumer.name,
            durable_name=consumer.name,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=consumer.ack_wait,
            max_deliver=-1,  # the service itself decides when to give up, and then sets the message aside
            max_ack_pending=consumer.max_ack_pending,
            filter_subjects=list(consumer.subjects),
        ),
    )
    return f"consumer {consumer.name}: as it should be"


async def _bucket(js: JetStreamContext, bucket: Bucket, replicas: int) -> str:
    """A bucket whose leader alone answers reads.

    A direct get is answered by whichever replica has it first, and one that is behind still says that a number may be
    texted whose STOP was just written.
    """
    try:
        have = (await js.stream_info(f"KV_{bucket.name}")).config
    except NotFoundError:
        await js.create_key_value(
            KeyValueConfig(
                bucket=bucket.name,
                history=1,
                ttl=bucket.ttl,
                max_bytes=bucket.max_bytes,
                storage=StorageType.FILE,
                replicas=replicas,
                direct=False,
            )
        )
        return f"bucket {bucket.name}: created"
    want = have.evolve(num_replicas=replicas, allow_direct=False)
    return f"bucket {bucket.name}: {await _changed(js, have, want)}"
