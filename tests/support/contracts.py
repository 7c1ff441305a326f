"""What the contract tests share: claims about events, messages that come from the future, and a consuming service."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from nats.js.errors import NotFoundError
from prometheus_client import REGISTRY

from chassis.bus import Bus
from chassis.consuming import Handler, subscribe
from contracts.registry import AnyEvent
from contracts.topology import DEAD_LETTERS, EVENTS, Consumer
from support.backends import NatsServer
from support.waiting import eventually

TestT = TypeVar("TestT", bound=Callable[..., Any])


def produces(*kinds: type[AnyEvent]) -> Callable[[TestT], TestT]:
    """Claims that in this test a service publishes exactly these events into a `recording_bus`.

    `tests/contracts/conftest.py` holds the test to it, `tests/contracts/test_matrix.py` counts the claims.
    """

    def claim(test: TestT) -> TestT:
        test.__dict__["produces"] = frozenset(kinds)
        return test

    return claim


def with_news(body: bytes) -> bytes:
    """The event as a newer version may publish it: with fields nobody knows today, in every object."""
    return json.dumps(_with_news(json.loads(body))).encode()


def _with_news(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_news(item) for item in value]
    if isinstance(value, dict):
        known = {key: _with_news(item) if key != "metadata" else item for key, item in value.items()}
        return known | {"inventedlater": {"a": [1, None]}}
    return value


def of_unknown_type(kind: type[AnyEvent]) -> bytes:
    """A well-formed event on the subject of `kind`, of a version that is not there yet."""
    return json.dumps({"specversion": "1.0", "type": kind.type_name().replace(".v1", ".v99"), "data": {}}).encode()


def handled(consumer: Consumer, outcome: str) -> float:
    """How many messages of `consumer` this process has counted under `outcome`."""
    labels = {"consumer": consumer.name, "outcome": outcome}
    return REGISTRY.get_sample_value("frontdesk_messages_handled_total", labels) or 0.0


@contextlib.asynccontextmanager
async def consuming(nats: NatsServer, consumer: Consumer, handler_of: Callable[[Bus], Handler]) -> AsyncIterator[None]:
    """A service that hands the events of `consumer` to its handler, with its own rights on the bus."""
    bus = Bus(consumer.service, nats.url(consumer.service))
    subscribe(bus, consumer, handler_of(bus))
    await bus.start(consumer)
    yield
    await bus.close()


@contextlib.asynccontextmanager
async def connected(nats: NatsServer, service: str) -> AsyncIterator[Bus]:
    """A service's own connection, with the service's rights."""
    bus = Bus(service, nats.url(service))
    await bus.connect()
    yield bus
    await bus.close()


async def deliver(operator: Bus, kind: type[AnyEvent], *bodies: bytes) -> None:
    """Put these bytes on the subject of `kind`, repeats included."""
    for body in bodies:
        await operator.js.publish(kind.bus_subject, body, stream=EVENTS.name)


async def _last(operator: Bus, subject: str) -> int:
    """Place of the newest message on `subject`; 0 when there is none."""
    try:
        return (await operator.js.get_last_msg(EVENTS.name, subject)).seq or 0
    except NotFoundError:
        return 0


async def consumed(operator: Bus, consumer: Consumer) -> None:
    """Wait until `consumer` is through with everything, and make sure that nothing was set aside."""

    async def nothing_left() -> bool:
        last = max([await _last(operator, subject) for subject in consumer.subjects])
        info = await operator.js.consumer_info(EVENTS.name, consumer.name)
        return info.ack_floor is not None and info.ack_floor.stream_seq >= last

    await eventually(nothing_left)
    assert (await operator.js.stream_info(DEAD_LETTERS.name)).state.messages == 0
