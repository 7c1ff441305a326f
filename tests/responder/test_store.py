"""A bucket is read as it is provisioned now, not as it was when the responder started."""

import pytest

from chassis.bus import Bus
from chassis.failures import Unavailable
from contracts.topology import CONSENT
from ops.bus.provisioning import apply
from responder.store import Store, Stored
from support.backends import NatsServer


async def test_a_responder_that_runs_while_reads_become_the_leaders_own_goes_on(
    nats: NatsServer, operator: Bus
) -> None:
    before = (await operator.js.stream_info(f"KV_{CONSENT.name}")).config
    await operator.js.update_stream(before.evolve(allow_direct=True))
    store = Store(operator, CONSENT)
    revision = await store.put("a.key", b"stop", 0)
    assert await store.get("a.key") == Stored(b"stop", revision)
    await apply(nats.url())
    with pytest.raises(Unavailable):  # once: the event is delivered again
        await store.get("a.key")
    assert await store.get("a.key") == Stored(b"stop", revision)
