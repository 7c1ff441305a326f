"""How far a durable consumer has come."""

import contextlib

import nats.js.errors

from chassis.bus import Bus
from contracts.topology import EVENTS, Consumer


async def settled(operator: Bus, consumer: Consumer, *, but: int = 0) -> bool:
    """Whether every event published for `consumer` so far was delivered, and acknowledged or set aside; `but` so many
    that were given back.

    Its number of pending events alone is no proof: the server counts a moment after it confirmed that it stored them.
    """
    newest = [await _newest(operator, subject) for subject in consumer.subjects]
    info = await operator.js.consumer_info(EVENTS.name, consumer.name)
    delivered = info.delivered.stream_seq if info.delivered else 0
    return delivered >= max(newest) and not info.num_pending and info.num_ack_pending == but


async def _newest(operator: Bus, subject: str) -> int:
    with contextlib.suppress(nats.js.errors.NotFoundError):
        return (await operator.js.get_last_msg(EVENTS.name, subject)).seq or 0
    return 0
