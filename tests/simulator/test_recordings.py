"""Recordings: the built-in ones, uploads, and how Twilio and VoIP.ms serve them."""

import base64
import io
from importlib.resources import files
from typing import Any

import av
import pytest

from simulator.audio import Wav
from support.simulator import ACCOUNT_SID, AUTH_TOKEN, DID, VOIPMS_ACCOUNT, Gateway, Simulator

AUTH = (ACCOUNT_SID, AUTH_TOKEN)
DAYS = {"date_from": "2020-01-01", "date_to": "2100-01-01"}


def stereo() -> bytes:
    frame = (1000).to_bytes(2, "little") + (3000).to_bytes(2, "little")
    return Wav("pcm16", 8000, 2, frame * 8000).content()


async def ready(sim: Simulator, gateway: Gateway, name: str) -> dict[str, str]:
    await sim.do("twilio/recordings", recording=name)
    return gateway.forms("/webhooks/twilio/recording/status")[-1]


async def fetch(sim: Simulator, url: str, **params: str) -> tuple[int, str, bytes]:
    answer = await sim.http.get(url, params=params, auth=AUTH)
    return answer.status_code, answer.headers["content-type"], answer.content


def decoded(content: bytes) -> tuple[float, float]:
    """Seconds and loudness, as a real decoder hears it."""
    samples, loudest, rate = 0, 0.0, 1
    with av.open(io.BytesIO(content), "r") as audio:
        for frame in audio.decode(audio=0):
            samples, rate = samples + frame.samples, frame.sample_rate
            loudest = max(loudest, float(abs(frame.to_ndarray().astype(float)).max()))
    return samples / rate, loudest


async def test_the_voicemail_is_served_as_wav_and_as_mp3(sim: Simulator, gateway: Gateway) -> None:
    url = (await ready(sim, gateway, "voicemail"))["RecordingUrl"]
    for form, media_type in (("", "audio/x-wav"), (".wav", "audio/x-wav"), (".mp3", "audio/mpeg")):
        status, served_type, content = await fetch(sim, url + form)
        assert (status, served_type) == (200, media_type)
        seconds, loudest = decoded(content)
        assert seconds == pytest.approx(19.66, abs=0.2)
        assert loudest > 0.1
    metadata = (await sim.http.get(f"{url}.json", auth=AUTH)).json()
    assert (metadata["status"], metadata["duration"], metadata["channels"]) == ("completed", "20", 1)


async def test_wav_is_sixteen_bit_and_sounds_as_the_decoder_says(sim: Simulator, gateway: Gateway) -> None:
    url = (await ready(sim, gateway, "voicemail"))["RecordingUrl"]
    _, _, content = await fetch(sim, url)
    original = (files("simulator") / "recordings" / "voicemail.wav").read_bytes()
    with av.open(io.BytesIO(original), "r") as audio:
        expected = b"".join(frame.to_ndarray().tobytes() for frame in audio.decode(audio=0))
    wav = Wav.read(content)
    assert wav is not None
    assert (wav.form, wav.rate, wav.samples) == ("pcm16", 8000, expected)


@pytest.mark.parametrize("form", [".wav", ".mp3"])
async def test_silence_is_silent(sim: Simulator, gateway: Gateway, form: str) -> None:
    url = (await ready(sim, gateway, "silence"))["RecordingUrl"]
    seconds, loudest = decoded((await fetch(sim, url + form))[2])
    assert seconds == pytest.approx(5, abs=0.05)
    assert loudest == 0


async def test_two_channels_come_mixed_unless_asked_for(sim: Simulator, gateway: Gateway) -> None:
    await sim.upload("two", stereo())
    form = await ready(sim, gateway, "two")
    assert (form["RecordingChannels"], form["RecordingSource"]) == ("2", "StartCallRecordingTwiML")
    mixed, both = [
        Wav.read((await fetch(sim, form["RecordingUrl"], **params))[2]) for params in ({}, {"RequestedChannels": "2"})
    ]
    assert mixed is not None
    assert both is not None
    assert (mixed.channels, set(memoryview(mixed.samples).cast("h"))) == (1, {2000})
    assert (both.channels, set(memoryview(both.samples).cast("h"))) == (2, {1000, 3000})


async def test_two_channels_of_one_are_refused(sim: Simulator, gateway: Gateway) -> None:
    url = (await ready(sim, gateway, "voicemail"))["RecordingUrl"]
    assert (await fetch(sim, url, RequestedChannels="2"))[0] == 400


async def test_what_is_no_audio_is_served_as_it_is(sim: Simulator, gateway: Gateway) -> None:
    damaged = stereo()[:1000]
    for name, content in (("page", b"<html>gone</html>"), ("damaged", damaged)):
        await sim.upload(name, content, seconds="7")
        form = await ready(sim, gateway, name)
        assert form["RecordingDuration"] == "7"
        assert (await fetch(sim, form["RecordingUrl"]))[2] == content


async def test_unknown_recordings_are_404(sim: Simulator, gateway: Gateway) -> None:
    url = (await ready(sim, gateway, "silence"))["RecordingUrl"]
    for unknown in (sim.account(f"Recordings/RE{'0' * 32}"), f"{url}.ogg"):
        answer = await sim.http.get(unknown, auth=AUTH)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)


async def test_voipms_lists_a_recording_and_serves_it_as_base64_mp3(sim: Simulator, gateway: Gateway) -> None:
    made = await sim.do("voipms/recordings", recording="voicemail", call_id="128238059")
    (pushed,) = gateway.received
    assert pushed.target == "/webhooks/voipms/recording/ready?token=hook-secret"
    assert (made["call_sid"], '"call_id": "128238059"' in pushed.body) == ("128238059", True)
    row: Any = (await sim.voipms("getCallRecordings", account=VOIPMS_ACCOUNT, **DAYS))["recordings"]
    assert row["callrecording"] == made["recording_sid"]
    assert (row["duration"], row["type"], row["subaccount"], row["destination"]) == (
        "00:20",
        "Incoming",
        VOIPMS_ACCOUNT,
        DID,
    )
    plain = base64.b64decode(made["recording_sid"] + "==").decode()
    assert plain.startswith(f"100000-2125550123-{DID}-IN-")
    full = await sim.voipms("getCallRecording", account=VOIPMS_ACCOUNT, callrecording=made["recording_sid"])
    assert "\n" in full["base64file"]
    assert decoded(base64.b64decode(full["base64file"]))[0] == pytest.approx(19.66, abs=0.2)


def test_the_words_of_the_voicemail_come_with_it() -> None:
    words = (files("simulator") / "recordings" / "voicemail.txt").read_text()
    assert words.startswith("Hi, this is Robert Delaney")
