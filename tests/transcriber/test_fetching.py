"""Recordings are fetched with credentials from the provider's host only, with patience, and bad ones have a reason."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus
from contracts.recording import TranscriptionFailed
from contracts.topology import TRANSCRIBER_RECORDINGS
from support.backends import NatsServer
from support.recordings import Answer, Asked, Store, audio, silence
from support.transcriber import ACCOUNT, TOKEN, Transcriber, completed, credentials, outcome, ready, running

BASIC = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"


async def failure(bus: Bus, sid: str) -> str:
    found = await outcome(bus, sid)
    assert isinstance(found, TranscriptionFailed), found
    return str(found.data.reason)


@pytest.fixture
async def fetch_silence(service: Transcriber, shared_store: Store, bus: Bus) -> AsyncIterator[None]:
    """After the test, the service still does its work."""
    yield
    sid = f"REafter{len(shared_store.asked('/after.wav'))}"
    shared_store.lay("/after.wav", Answer(body=silence()))
    await bus.publish(ready(sid, url=f"{shared_store.url}/after"))
    await completed(bus, sid)


@pytest.mark.usefixtures("fetch_silence")
@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("page", Answer(body=HTML, headers={"Content-Type": "text/html; charset=utf-8"}), "not_audio"),
        ("page_called_audio", Answer(body=HTML * 50), "not_audio"),
        ("text", Answer(body=b"The recording is being processed.\n" * 40), "not_audio"),
        ("picture", Answer(body=b"\x89PNG\r\n\x1a\n" + bytes(2000)), "not_audio"),
        ("playlist", Answer(body=b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"), "not_audio"),
        ("empty", Answer(body=b""), "empty"),
        ("header_only", Answer(body=audio("voicemail.wav")[:58]), "empty"),
        ("truncated", Answer(body=audio("voicemail.wav")[:50_000]), "truncated"),
        ("unauthorized", Answer(401), "forbidden"),
        ("huge", Answer(headers={"Content-Length": "100000001"}), "too_large"),
    ],
)
async def test_what_cannot_be_transcribed_fails_with_the_reason(
    shared_store: Store, bus: Bus, name: str, answer: Answer, reason: str
) -> None:
    shared_store.lay(f"/{name}.wav", answer)
    await bus.publish(ready(f"RE{name}", url=f"{shared_store.url}/{name}"))
    assert await failure(bus, f"RE{name}") == reason


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("host", "http://{other}/elsewhere"),
        ("user", "http://{ours}@{other}/elsewhere"),
        ("password", "http://someone:else@{ours}/elsewhere"),
        ("scheme", "https://{ours}/elsewhere"),
        ("file", "file:///etc/passwd"),
        ("nonsense", "http://[{ours}"),
        ("none", ""),
    ],
)
async def test_another_host_is_never_asked(bus: Bus, shared_store: Store, store: Store, name: str, url: str) -> None:
    ours, other = (double.url.removeprefix("http://") for double in (shared_store, store))
    await bus.publish(ready(f"REelsewhere_{name}", url=url.format(ours=ours, other=other)))
    assert await failure(bus, f"REelsewhere_{name}") == "untrusted_host"
    assert store.untouched
    assert not shared_store.asked("/elsewhere.wav")


@pytest.mark.usefixtures("service")
async def test_a_redirect_away_is_not_followed_and_gets_no_credentials(
    shared_store: Store, bus: Bus, store: Store
) -> None:
    shared_store.lay("/away.wav", Answer(302, headers={"Location": f"{store.url}/away.wav"}))
    store.lay("/away.wav", Answer(body=silence()))
    await bus.publish(ready("REaway", url=f"{shared_store.url}/away"))
    assert await failure(bus, "REaway") == "untrusted_host"
    assert store.untouched


@pytest.mark.usefixtures("service")
async def test_a_redirect_on_the_same_host_is_followed_with_credentials(shared_store: Store, bus: Bus) -> None:
    shared_store.lay("/moved.wav", Answer(307, headers={"Location": "/moved-here.wav"}))
    shared_store.lay("/moved-here.wav", Answer(body=silence()))
    await bus.publish(ready("REmoved", url=f"{shared_store.url}/moved"))
    await completed(bus, "REmoved")
    assert shared_store.asked("/moved-here.wav")[0].headers["authorization"] == BASIC


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("not_there", Answer(404)),
        ("out_of_order", Answer(503)),
        ("too_many", Answer(429)),
        ("broken_off", Answer(body=silence()[:9000], headers={"Content-Length": "48044"})),
    ],
)
async def test_what_may_pass_is_asked_for_again(shared_store: Store, bus: Bus, name: str, first: Answer) -> None:
    shared_store.lay(f"/{name}.wav", first, Answer(body=silence()))
    await bus.publish(ready(f"RE{name}", url=f"{shared_store.url}/{name}"))
    await completed(bus, f"RE{name}")
    assert [asked.headers["authorization"] for asked in shared_store.asked(f"/{name}.wav")] == [BASIC] * 2


@pytest.mark.usefixtures("service")
async def test_one_channel_will_do_when_two_cannot_be_had(shared_store: Store, bus: Bus) -> None:
    def mono_only(asked: Asked) -> Answer:
        return Answer(400) if asked.query else Answer(body=silence())

    shared_store.lay("/mono.wav", mono_only)
    await bus.publish(ready("REmono", url=f"{shared_store.url}/mono", channels=2))
    await completed(bus, "REmono")
    assert [asked.query for asked in shared_store.asked("/mono.wav")] == ["RequestedChannels=2", ""]


@pytest.mark.usefixtures("service")
async def test_voipms_refusing_us_is_a_failure_with_its_own_word(shared_store: Store, bus: Bus) -> None:
    shared_store.lay("/rest.php", Answer(body=b'{"status":"ip_not_enabled"}'))
    await bus.publish(ready("rec_refused", provider="voipms"))
    found = await outcome(bus, "rec_refused")
    assert isinstance(found, TranscriptionFailed)
    assert (found.data.reason, found.data.detail) == ("forbidden", "VoIP.ms answered ip_not_enabled")


@pytest.mark.usefixtures("service")
async def test_voipms_is_asked_for_the_account_the_event_names(shared_store: Store, bus: Bus) -> None:
    shared_store.lay("/rest.php", Answer(body=b'{"status":"success","base64file":"bm90aGluZw=="}'))
    before = len(shared_store.asked("/rest.php"))
    await bus.publish(ready("rec_account", provider="voipms", metadata={"account": "100000_DID"}))
    assert await failure(bus, "rec_account") == "not_audio"
    (asked,) = shared_store.asked("/rest.php")[before:]
    assert b'name="account"\r\n\r\n100000_DID\r\n' in asked.body


@pytest.mark.usefixtures("service")
async def test_a_provider_without_credentials_is_said_to_have_none(bus: Bus) -> None:
    await bus.publish(ready("REnobody", provider="telnyx"))
    assert await failure(bus, "REnobody") == "no_credentials"


async def test_a_recording_that_never_comes_fails_at_the_last_attempt_and_is_no_dead_letter(
    nats: NatsServer, operator: Bus, store: Store, models: Path, tmp_path: Path
) -> None:
    await operator.publish(ready("REnever", url=f"{store.url}/never"))
    consumer = await operator.js.pull_subscribe_bind(TRANSCRIBER_RECORDINGS.name, "EVENTS")
    for _ in range(5):
        (message,) = await consumer.fetch(1, timeout=5)
        await message.nak()
    with running(Transcriber(tmp_path, nats.url("transcriber"), models, **credentials(store))):
        assert await failure(operator, "REnever") == "not_found"
    assert len(store.asked("/never.wav")) == 1
    assert (await operator.js.stream_info("DEAD_LETTERS")).state.messages == 0
