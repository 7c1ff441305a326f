"""The connection to NATS: publishing with a PubAck inside a deadline, and asking for durable consumers."""

import asyncio
import contextlib
import re
import time
from typing import Protocol

import nats.errors
import nats.js.errors
from faststream.nats import NatsBroker
from faststream.nats.security import NatsSecurity
from nats.aio.client import DEFAULT_PENDING_SIZE, Client
from nats.js import JetStreamContext
from nats.js.kv import KeyValue

from chassis import logs, tracing
from chassis.encoding import Encoded, PublishRejected, encode
from chassis.failures import Unavailable
from chassis.metrics import BUS_ERRORS, PUBLISH_FAILED, PUBLISHES
from chassis.nats_access import settings_behind
from chassis.pubacks import PubAcks, Settled
from contracts.registry import AnyEvent
from contracts.topology import EVENTS, Bucket, Consumer

log = logs.get(__name__)

_TRANSIENT = (
    TimeoutError,
    nats.errors.TimeoutError,
    nats.errors.ConnectionClosedError,
    nats.errors.ConnectionDrainingError,
    nats.errors.ConnectionReconnectingError,
    nats.errors.NoServersError,
    nats.errors.OutboundBufferLimitError,
    nats.errors.StaleConnectionError,
    nats.js.errors.NoStreamResponseError,
    nats.js.errors.ServerError,
    nats.js.errors.ServiceUnavailableError,
    OSError,
)


CONNECT_SECONDS = 15.0
"""After so long the client starts anew: after a failed TLS handshake it waits for ever for its own socket to close."""

_FORBIDDEN = re.compile(r"permissions violation for publish to \"(?P<subject>[^\"]+)\"", re.IGNORECASE)

_HEADERS = {"Nats-Expected-Stream": EVENTS.name, "content-type": "application/cloudevents+json"}

WATCH_SECONDS = 5.0
"""How often the durable consumers are looked for."""


class Subscription(Protocol):
    """A subscription that can stand still."""

    async def start(self) -> None:
        """Take messages."""
        ...

    async def stop(self) -> None:
        """Take none."""
        ...


class Forbidden(PublishRejected):
    """The server does not let us publish to a subject. `Bus.publish` waits for that to be corrected, like an outage."""


class Bus:
    """One connection, owned by one service and its event loop."""

    def __init__(
        self, service: str, url: str, *, security: NatsSecurity | None = None, publish_only: bool = False
    ) -> None:
        """`security` says who we are, unless `url` does, and how the connection is encrypted.

        `url` may name several servers of a cluster, separated by commas.
        `publish_only` never buffers while disconnected: an outcome is then known at once.
        """
        self.service = service
        self.inbox_prefix = f"_INBOX_{service}"
        self.broker = NatsBroker(
            url.split(","),
            name=f"frontdesk-{service}",
            security=security,
            inbox_prefix=self.inbox_prefix,
            connect_timeout=2,
            reconnect_time_wait=1,
            max_reconnect_attempts=-1,  # the default closes the client for ever after two minutes
            ping_interval=10,  # the default notices a half-open connection after four minutes
            max_outstanding_pings=2,
            drain_timeout=4,
            graceful_timeout=4,
            error_cb=self._report,
            logger=None,
            pending_size=0 if publish_only else DEFAULT_PENDING_SIZE,
        )
        self._publish_only = publish_only
        self._acks: PubAcks | None = None
        self._connecting = False
        self._forbidden: set[str] = set()
        """Subjects the server does not let us publish to: it tells so on the side, and the publish just times out."""
        self._started = False
        self._missing: set[str] = set()
        self._watching: asyncio.Task[None] | None = None
        self.subscriptions: dict[str, list[Subscription]] = {}
        """What `chassis.consuming` subscribed, by the name of the durable consumer."""

    @property
    def client(self) -> Client:
        """The raw client. Raises `Unavailable` before the first connection."""
        state = self.broker.config.connection_state
        if not state:
            raise Unavailable("not connected to NATS yet")
        client: Client = state.connection
        return client

    @property
    def js(self) -> JetStreamContext:
        """JetStream on this connection. Raises `Unavailable` before the first connection."""
        state = self.broker.config.connection_state
        if not state:
            raise Unavailable("not connected to NATS yet")
        js: JetStreamContext = state.stream
        return js

    async def connect(self) -> None:
        """Return once connected, however long NATS is away; also after it refused our credentials for a while."""
        self._connecting = True
        while True:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self.broker.connect()
                self._acks = await PubAcks.subscribed(self.client)
                break
            except (OSError, nats.errors.Error) as error:
                log.warning("cannot connect to NATS; trying again", error=str(error))
                await asyncio.sleep(1)
        self._connecting = False
        log.info("connected to NATS")

    async def start(self, *consumers: Consumer) -> None:
        """Connect, wait until the durable consumers exist, and start what was subscribed with `chassis.consuming`."""
        await self.connect()
        for consumer in consumers:
            await self._wait_for(consumer)
        await self.broker.start()
        self._started = True
        self._watching = asyncio.create_task(self._watch(consumers))

    async def _watch(self, consumers: tuple[Consumer, ...]) -> None:
        """Stand still while a durable consumer is gone: FastStream would ask for messages in a busy loop, silently."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for consumer in consumers:
                if await self._exists(consumer):
                    continue
                self._missing.add(consumer.name)
                for subscription in self.subscriptions.get(consumer.name, ()):
                    await subscription.stop()
                await self._wait_for(consumer)
                for subscription in self.subscriptions.get(consumer.name, ()):
                    await subscription.start()
                self._missing.discard(consumer.name)

    async def _exists(self, consumer: Consumer) -> bool:
        """False only when the server says that there is no such consumer."""
        try:
            await self.js.consumer_info(EVENTS.name, consumer.name, timeout=3)
        except nats.js.errors.NotFoundError:
            return False
        except (*_TRANSIENT, nats.errors.Error, nats.js.errors.Error):
            pass
        return True

    async def _wait_for(self, consumer: Consumer) -> None:
        while True:
            try:
                await self.js.consumer_info(EVENTS.name, consumer.name, timeout=3)
                return
            except (*_TRANSIENT, nats.errors.Error, nats.js.errors.Error) as error:
                log.error(
                    "a durable consumer is missing or not ours: run 'frontdesk streams apply'",
                    stream=EVENTS.name,
                    consumer=consumer.name,
                    error=str(error),
                )
                await asyncio.sleep(2)

    async def bucket(self, bucket: Bucket) -> KeyValue:
        """Open a key-value bucket. Raises `Unavailable` when it cannot be had now."""
        try:
            return await self.js.key_value(bucket.name)
        except (*_TRANSIENT, nats.js.errors.NotFoundError) as error:
            raise Unavailable(f"key-value bucket {bucket.name}: {error}") from error

    async def publish(self, event: AnyEvent, *, deadline: float = 2.0) -> None:
        """Return once the stream has stored the event, or already had it.

        A timeout leaves the outcome unknown; the event's id makes a repeat harmless. Raises `Unavailable` when there
        was no PubAck within `deadline` seconds, `PublishRejected` when there never will be one.
        """
        encoded = encode(event)
        end, last = time.monotonic() + deadline, "no attempt fitted the deadline"
        while (left := end - time.monotonic()) > 0.05:
            try:
                await self.send(encoded, seconds=left)
            except (Unavailable, Forbidden) as error:
                last = str(error)
                await asyncio.sleep(min(0.1, max(0.0, end - time.monotonic())))
            else:
                return
        PUBLISH_FAILED.labels("unavailable").inc()
        raise Unavailable(f"no PubAck within {deadline} s ({last})")

    async def send(self, event: Encoded, *, seconds: float) -> None:
        """One attempt of `publish`, for those who keep what is not taken. Raises like `publish`."""
        acks = self._acks
        if acks is None:
            raise Unavailable("not connected to NATS yet")
        headers = {"Nats-Msg-Id": event.id, **_HEADERS}
        try:
            with tracing.span("publish", "producer", parent=event.traceparent if tracing.is_on() else None) as span:
                span.set("messaging.destination.name", event.subject)
                span.set("messaging.message.id", event.id)
                acknowledged = acks.publish(event.subject, event.body, headers, seconds=seconds)
                if self._publish_only:
                    await acknowledged
                else:  # the client itself may wait, for room in its buffer
                    async with asyncio.timeout(seconds):
                        await acknowledged
        except (*_TRANSIENT, nats.errors.Error, nats.js.errors.Error) as error:
            raise self._failure(event.subject, error) from error
        self._taken(event.subject)

    def begin(self, event: Encoded, settled: Settled, *, seconds: float) -> bool:
        """The usual `send`, without a coroutine: `settled` is called once, with what `send` would raise, or None.

        False when `send` has to do it: while not connected, and while spans are recorded. Nothing was done then.
        """
        acks, subject = self._acks, event.subject
        if acks is None or tracing.is_on():
            return False

        def outcome(error: Exception | None) -> None:
            if error is None:
                self._taken(subject)
            settled(None if error is None else self._failure(subject, error))

        return acks.begin(subject, event.body, {"Nats-Msg-Id": event.id, **_HEADERS}, outcome, seconds=seconds)

    def _taken(self, subject: str) -> None:
        self._forbidden.discard(subject)
        PUBLISHES.add(subject)

    def _failure(self, subject: str, error: Exception) -> Exception:
        """What it means for who publishes."""
        if not isinstance(error, _TRANSIENT):
            PUBLISH_FAILED.labels("rejected").inc()
            return PublishRejected(f"{type(error).__name__}: {error}")
        if subject in self._forbidden:
            PUBLISH_FAILED.labels("rejected").inc()
            return Forbidden(f"the server does not let us publish to {subject}")
        return Unavailable(f"{type(error).__name__}: {error}")

    async def _report(self, error: Exception) -> None:
        forbidden = _FORBIDDEN.search(str(error))
        if forbidden:
            self._forbidden.add(forbidden["subject"])
        kind = "permissions" if "permissions violation" in str(error).lower() else type(error).__name__
        BUS_ERRORS.labels(kind).inc()
        log.error("NATS reported an error", kind=kind, error=str(error), **settings_behind(error))

    async def problem(self) -> str | None:
        """Why this connection cannot be used now; None when it can."""
        state = self.broker.config.connection_state
        if not state or not state.connection.is_connected:
            return "not connected to NATS"
        try:
            await state.connection.flush(timeout=1)
        except Exception as error:
            return f"NATS does not answer: {type(error).__name__}"
        return None

    async def consuming_problem(self) -> str | None:
        """Like `problem`, and also when the subscriptions have not started."""
        if not self._started or self._missing:
            return await self.problem() or "waiting for the durable consumers"
        return await self.problem()

    def alive(self) -> bool:
        """False when only a restart helps: neither connected nor on the way to it."""
        state = self.broker.config.connection_state
        if self._connecting or not state:
            return True
        if self._watching and self._watching.done() and not self._watching.cancelled():
            return False  # a defect: nobody would start the subscriptions again
        client: Client = state.connection
        return client.is_connected or client.is_reconnecting

    async def close(self) -> None:
        """Let running handlers finish, flush, disconnect. Never hangs on a broker that is away, and never raises."""
        if self._watching:
            self._watching.cancel()
        # Waited for from outside: a client that drains towards a server that hangs does not heed its own cancellation.
        # Who only publishes has no handler to wait for, and webhooks in flight have already had their part of the end.
        ending = asyncio.create_task(self._end())
        await asyncio.wait({ending}, timeout=2 if self._publish_only else 5)
        ending.cancel()

    async def _end(self) -> None:
        with contextlib.suppress(nats.errors.Error, Unavailable, OSError):
            try:
                await self.broker.stop()
            except (nats.errors.Error, OSError):  # it cannot drain while it is reconnecting
                await self.client.close()
