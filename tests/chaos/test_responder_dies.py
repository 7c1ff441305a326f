"""Whatever dies whenever: nobody gets two texts for one message, and every message ends once.

`CHAOS_TEXTS=1000 CHAOS_KILLS=50 pytest -s tests/chaos/test_responder_dies.py` is the full run; docs/responder.md has
its figures. `CHAOS_SEED` repeats a run's dice (not its timing).
"""

import os
import random
from pathlib import Path

import pytest

from chassis.bus import Bus
from contracts.topology import EVENTS, RESPONDER_TEXTS
from ops.embedded.nats import EmbeddedNats
from support.backends import NatsServer
from support.chaos import ACK_WAIT, Chaos, environment, replicas
from support.responder import PRACTICE
from support.simulator import simulating

TEXTS, KILLS = int(os.environ.get("CHAOS_TEXTS", "150")), int(os.environ.get("CHAOS_KILLS", "10"))
SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 10**6)
FAULTS_PER_TEXT = 0.12
LISTS_LAG_SECONDS = 1.5


@pytest.mark.timeout(300 + 20 * KILLS)
async def test_killed_again_and_again_it_texts_nobody_twice_and_forgets_nobody(
    nats: NatsServer, operator: Bus, tmp_path: Path
) -> None:
    if not isinstance(nats, EmbeddedNats):
        pytest.skip("only the embedded server can be stopped and started")
    config = (await operator.js.consumer_info(EVENTS.name, RESPONDER_TEXTS.name)).config
    await operator.js.add_consumer(EVENTS.name, config.evolve(ack_wait=ACK_WAIT))
    async with simulating("http://127.0.0.1:9") as simulator:
        await simulator.do("lists", listed_after_seconds=LISTS_LAG_SECONDS)
        with replicas(environment(nats, simulator, PRACTICE), tmp_path, 2) as running:
            chaos = Chaos(nats, operator, simulator, running, random.Random(SEED))
            for kill in range(KILLS):
                share = TEXTS * (kill + 1) // KILLS - len(chaos.texts)
                await chaos.misbehave(round(share * FAULTS_PER_TEXT))
                await chaos.receive(share)
                await chaos.kill_one()
                if kill in {KILLS // 3, 2 * KILLS // 3}:
                    await chaos.restart_nats()
            await chaos.settled(within=200)
            count = await chaos.count()
    print(
        f"\nseed {SEED}: {TEXTS} texts, {KILLS} kills, outcomes {dict(count.outcomes)}, asked {dict(count.inquiries)}"
    )
    assert count.twice == []
    assert count.wrong == []
    assert count.dead_letters == 0
    assert count.outcomes.total() == TEXTS
