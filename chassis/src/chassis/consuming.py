"""Handling events of a durable consumer, one at a time per subscription: decode, handle, and settle what fails."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar

from faststream import AckPolicy
from faststream.nats import ConsumerConfig, JStream, NatsMessage, PullSub
from nats.aio.msg import Msg

from chassis import logs, tracing
from chassis.bus import Bus
from chassis.failures import Postponed, SetAside, TryAgain, settle
from chassis.metrics import HANDLED, HANDLING, from_zero
from chassis.tracing import trace_id
from contracts import InvalidEvent, UnknownEvent, decode_event
from contracts.dead_letters import (
    ATTEMPTS_HEADER,
    CONSUMER_HEADER,
    DETAIL_HEADER,
    REASON_HEADER,
    SUBJECT_HEADER,
)
from contracts.registry import AnyEvent
from contracts.topology import DEAD_LETTERS, EVENTS, Consumer, dead_letter_subject

log = logs.get(__name__)

Handler = Callable[[AnyEvent], Awaitable[None]]

_attempt: ContextVar[int] = ContextVar("attempt")


def attempt() -> int:
    """Inside a handler: how often its event has been delivered, this time included. Raises `LookupError` elsewhere."""
    return _attempt.get()


def subscribe(bus: Bus, consumer: Consumer, handler: Handler, *, concurrency: int = 1) -> None:
    """Have `handler` called for every event of `consumer`, at most `concurrency` at a time; before `bus.start`.

    The message is acknowledged when the handler returns. What it raises is settled by `chassis.failures.settle`.
    """

    async def receive(message: NatsMessage) -> None:
        await handle(bus, consumer, handler, message.raw_message)

    for _ in range(concurrency):  # one message each: nothing waits in a client's buffer while its ack_wait runs out
        subscription = bus.broker.subscriber(
            config=ConsumerConfig(filter_subjects=list(consumer.subjects)),
            stream=JStream(EVENTS.name, declare=False),
            durable=consumer.name,
            pull_sub=PullSub(batch_size=1, timeout=5),
            inbox_prefix=f"{bus.inbox_prefix}.".encode(),
            ack_policy=AckPolicy.MANUAL,
            decoder=_undecoded,
        )
        subscription(receive)
        bus.subscriptions.setdefault(consumer.name, []).append(subscription)
    from_zero(consumer.name)


async def _undecoded(message: NatsMessage) -> bytes:
    """FastStream would decode before the handler, where a broken body can neither be acknowledged nor set aside."""
    return bytes(message.raw_message.data)


async def handle(bus: Bus, consumer: Consumer, handler: Handler, message: Msg) -> None:
    """Take one message to its end: acknowledged, to be delivered again, or set aside."""
    started = time.monotonic()
    try:
        event = event_in(message)
    except InvalidEvent as error:
        outcome = await give_back(bus, consumer, message, error)
    else:
        outcome = await _handle_event(bus, consumer, handler, message, event)
    HANDLED.labels(consumer.name, outcome).inc()
    HANDLING.labels(consumer.name).observe(time.monotonic() - started)


def event_in(message: Msg) -> AnyEvent | UnknownEvent:
    """The event that a message carries. Raises `InvalidEvent`.

    Also for one that does not belong on the message's subject: the subject is what the bus lets a service publish to,
    and the body of its choosing must not make another service's event of it.
    """
    event = decode_event(message.data)
    if not isinstance(event, UnknownEvent) and event.bus_subject != message.subject:
        raise InvalidEvent(f"an event of {event.bus_subject} was published on {message.subject}")
    return event


async def _handle_event(
    bus: Bus, consumer: Consumer, handler: Handler, message: Msg, event: AnyEvent | UnknownEvent
) -> str:
    """Have the event handled and settle its message; returns the outcome."""
    if isinstance(event, UnknownEvent):
        await message.ack()
        return "unknown_type"
    with logs.about(event_id=str(event.id), trace_id=trace_id(event.traceparent)):
        try:
            _attempt.set(message.metadata.num_delivered)
            async with kept_alive(message, consumer.ack_wait / 3):
                with tracing.span(f"handle {_name(event)}", "consumer", parent=event.traceparent) as span:
                    span.set("messaging.consumer.group.name", consumer.name)
                    span.set("messaging.message.id", str(event.id))
                    span.set("frontdesk.attempt", message.metadata.num_delivered)
                    await handler(event)
            await message.ack()
        except Exception as error:
            return await give_back(bus, consumer, message, error)
        return "done"


def _name(event: AnyEvent) -> str:
    return event.bus_subject.removeprefix("events.")


async def give_back(bus: Bus, consumer: Consumer, message: Msg, error: Exception) -> str:
    """Settle a message whose handling failed; returns the outcome. When even that fails, ack_wait brings it back."""
    attempt = message.metadata.num_delivered
    decision = settle(error, attempt)
    if isinstance(error, Postponed) and isinstance(decision, TryAgain):
        log.debug("postponed", consumer=consumer.name, seconds=decision.delay, why=str(error))
        await message.nak(delay=decision.delay)
        return "postponed"
    log.warning(
        "handling failed",
        consumer=consumer.name,
        attempt=attempt,
        decision=type(decision).__name__,
        exc_info=error,
    )
    if isinstance(decision, TryAgain):
        await message.nak(delay=decision.delay)
        return "try_again"
    await set_aside(bus, consumer, message, decision)
    return decision.reason


async def set_aside(bus: Bus, consumer: Consumer, message: Msg, why: SetAside) -> None:
    """Copy a message to the dead letters and, once the copy is stored, end its deliveries."""
    sequence = message.metadata.sequence.stream
    await bus.js.publish(
        dead_letter_subject(consumer.service),
        message.data,
        stream=DEAD_LETTERS.name,
        timeout=3,
        headers={
            "Nats-Msg-Id": f"{consumer.name}:{message.metadata.stream}:{sequence}",
            REASON_HEADER: why.reason.value,
            DETAIL_HEADER: _header(why.detail),
            SUBJECT_HEADER: message.subject,
            CONSUMER_HEADER: consumer.name,
            ATTEMPTS_HEADER: str(message.metadata.num_delivered),
        },
    )
    await message.term()
    log.error("set aside as a dead letter", consumer=consumer.name, reason=why.reason.value, sequence=sequence)


def _header(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")[:500]


@contextlib.asynccontextmanager
async def kept_alive(message: Msg, every: float) -> AsyncIterator[None]:
    """Tell the server every `every` seconds that the message is still being worked on."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(every)
            with contextlib.suppress(Exception):  # a missed beat is repaired by the next; the work goes on
                await message.in_progress()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
