"""Handling what a durable consumer delivers: what the handler gets to see, and what it never does."""

from chassis.bus import Bus
from chassis.consuming import subscribe
from contracts.call import CallStatusChanged
from contracts.dead_letters import REASON_HEADER
from contracts.registry import AnyEvent
from contracts.topology import RESPONDER_TEXTS
from support.backends import NatsServer
from support.consumers import settled
from support.events import text
from support.recorder import event
from support.waiting import eventually


async def test_an_event_that_is_not_of_its_subject_is_set_aside(nats: NatsServer, operator: Bus) -> None:
    """A service may publish to its subjects only, but whatever bytes it likes."""
    seen: list[AnyEvent] = []

    async def handler(received: AnyEvent) -> None:
        seen.append(received)

    forged = event(CallStatusChanged, call_sid="CA1", status="completed", metadata={}).to_json()
    responder = Bus("responder", nats.url("responder"))
    subscribe(responder, RESPONDER_TEXTS, handler)
    await responder.start(RESPONDER_TEXTS)
    await operator.js.publish("events.sms.received", forged)
    await operator.publish(text())
    await eventually(lambda: settled(operator, RESPONDER_TEXTS))
    await responder.close()
    assert seen == [text()]
    letter = await operator.js.get_msg("DEAD_LETTERS", 1)
    assert (letter.data, (letter.headers or {})[REASON_HEADER]) == (forged, "invalid")
