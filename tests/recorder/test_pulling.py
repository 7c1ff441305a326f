"""Taking events off a durable consumer, on a real server."""

import asyncio
import contextlib

from chassis.bus import Bus
from contracts.call import CallStatusChanged
from contracts.topology import RECORDER
from recorder.pulling import Puller
from support.backends import NatsServer
from support.contracts import connected
from support.recorder import event
from support.waiting import eventually


async def test_what_came_and_nobody_took_is_given_back(nats: NatsServer, operator: Bus) -> None:
    async with connected(nats, "recorder") as bus, connected(nats, "recorder") as other:
        stopping = Puller(bus, RECORDER)
        assert await stopping.first(wait=0.1) == []
        for number in range(3):
            await operator.publish(event(CallStatusChanged, call_sid=f"CA{number}", status="ringing", metadata={}))
        asked = asyncio.create_task(stopping.more(3))
        await asyncio.sleep(0)  # it has asked, and cannot have been answered
        asked.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asked

        async def delivered() -> bool:
            return bool((await operator.js.consumer_info("EVENTS", RECORDER.name)).num_ack_pending == 3)

        await eventually(delivered)
        await stopping.close()
        again = Puller(other, RECORDER)
        found = [*await again.first(wait=5), *await again.more(9)]
        assert [message.metadata.num_delivered for message in found] == [2, 2, 2]
        await again.close()
