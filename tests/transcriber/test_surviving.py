"""The engine may crash and the service may be stopped at any moment: every recording is done in the end, once."""

import os
import signal
from pathlib import Path

import pytest

from chassis.bus import Bus
from contracts.recording import TranscriptionSkipped
from contracts.topology import TRANSCRIBER_RECORDINGS
from ops.embedded.children import free_port
from support.backends import NatsServer
from support.consumers import settled
from support.recordings import Answer, Store, audio, silence
from support.transcriber import (
    Transcriber,
    completed,
    credentials,
    damaged_packages,
    gone,
    outcome,
    outcomes,
    ready,
    running,
)
from support.waiting import eventually


@pytest.fixture
def own(nats: NatsServer, store: Store, models: Path, tmp_path: Path) -> Transcriber:
    """A service of this test's own, not yet started, with a voicemail to hear."""
    store.lay("/voicemail.wav", Answer(body=audio("voicemail_beginning.mp3")))
    return Transcriber(tmp_path, nats.url("transcriber"), models, **credentials(store))


async def test_a_worker_killed_in_the_middle_is_replaced_and_the_recording_done(
    own: Transcriber, operator: Bus, store: Store
) -> None:
    with running(own):
        await operator.publish(ready("REkilled", url=f"{store.url}/voicemail"))
        worker = await own.transcribing()
        assert list(own.temporary.iterdir()) == []
        (file,) = own.nameless()
        assert file.stat().st_mode & 0o777 == 0o600
        os.kill(worker, signal.SIGKILL)
        heard = (await completed(operator, "REkilled")).data
        assert "temporary crown" in heard.transcription_text
        assert own.workers() != [worker]
        assert "SIGKILL" in own.log()
        assert own.nameless() == []


async def test_a_stop_in_the_middle_is_quick_and_the_recording_is_done_after_the_next_start(
    own: Transcriber, operator: Bus, store: Store
) -> None:
    await operator.publish(ready("REstopped", url=f"{store.url}/voicemail"))
    own.start()
    worker = await own.transcribing()
    assert own.stop() < 8
    assert gone(worker)
    assert list(own.temporary.iterdir()) == []
    assert await outcomes(operator, "REstopped") == []
    with running(own):
        await completed(operator, "REstopped")
        await eventually(lambda: settled(operator, TRANSCRIBER_RECORDINGS))
    assert len(await outcomes(operator, "REstopped")) == 1


async def test_neither_worker_nor_recording_outlives_a_service_that_was_killed(
    own: Transcriber, operator: Bus, store: Store
) -> None:
    await operator.publish(ready("REorphan", url=f"{store.url}/voicemail"))
    own.start()
    worker = await own.transcribing()
    own.stop(signal.SIGKILL)
    await eventually(lambda: gone(worker), within=2)
    assert list(own.temporary.iterdir()) == []


async def test_it_ends_orderly_while_nats_is_away(models: Path, tmp_path: Path) -> None:
    service = Transcriber(tmp_path, f"nats://127.0.0.1:{free_port()}", models)
    with running(service):
        await eventually(service.problems, within=20)
        assert service.stop() < 4
        assert service.exit_code == 0


async def test_switched_off_every_recording_is_skipped_and_none_is_fetched(
    nats: NatsServer, operator: Bus, store: Store, tmp_path: Path
) -> None:
    await operator.publish(ready("REskipped", url=f"{store.url}/voicemail"))
    settings = {**credentials(store), "ENABLE_TRANSCRIPTION": "false"}
    with running(Transcriber(tmp_path, nats.url("transcriber"), tmp_path, **settings)) as off:
        assert isinstance(await outcome(operator, "REskipped"), TranscriptionSkipped)
        await eventually(off.is_ready)
        assert off.workers() == []
    assert store.untouched


async def test_a_damaged_model_keeps_recordings_waiting_and_is_reported(
    nats: NatsServer, operator: Bus, store: Store, tmp_path: Path
) -> None:
    settings = {**credentials(store), "PYTHONPATH": str(damaged_packages(tmp_path))}
    store.lay("/quiet.wav", Answer(body=silence()))
    with running(Transcriber(tmp_path, nats.url("transcriber"), tmp_path, **settings)) as service:
        await eventually(service.is_ready)
        await operator.publish(ready("REwaiting", url=f"{store.url}/quiet"))

        async def engine() -> str | None:
            return (await service.problems() or {}).get("engine")

        assert await eventually(engine) == "the packaged speech model is damaged: model.bin"
        assert await outcomes(operator, "REwaiting") == []
        assert not await settled(operator, TRANSCRIBER_RECORDINGS)
    assert (await operator.js.stream_info("DEAD_LETTERS")).state.messages == 0


async def test_an_unreachable_provider_is_waited_for(
    nats: NatsServer, operator: Bus, models: Path, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    settings = {"TWILIO_API_URL": url, "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}
    with running(Transcriber(tmp_path, nats.url("transcriber"), models, **settings)) as own:
        await operator.publish(ready("REaway", url=f"{url}/voicemail"))
        await eventually(lambda: own.log().count("Unavailable: 127.0.0.1: ConnectError") >= 2)
        assert await outcomes(operator, "REaway") == []
