"""What is said in a recording arrives as text: the real model on speech whose words are known."""

import base64
import json
from itertools import pairwise
from pathlib import Path

from chassis.bus import Bus
from contracts.recording import TranscriptionFailed, TranscriptionFailure
from support.recordings import SPOKEN, Answer, Store, audio, silence, word_error_rate, words
from support.transcriber import TOKEN, VOIPMS_PASSWORD, VOIPMS_USER, Transcriber, completed, outcome, ready


async def test_a_voicemail_is_written_down_with_its_phone_number(
    service: Transcriber, shared_store: Store, bus: Bus
) -> None:
    shared_store.lay("/voicemail.wav", Answer(body=audio("voicemail.wav")))
    await bus.publish(ready("REvoicemail", url=f"{shared_store.url}/voicemail"))
    event = await completed(bus, "REvoicemail")
    heard = event.data
    assert word_error_rate(heard.transcription_text, SPOKEN["voicemail"]["text"]) < 0.1
    assert "".join(word for word in words(heard.transcription_text) if word.isdigit()) == (
        SPOKEN["voicemail"]["phone"] * 2
    )
    assert {segment.speaker for segment in heard.segments} == {"unknown"}
    assert (heard.language, heard.engine, heard.model) == ("en", "faster-whisper", "whisper-base")
    assert (heard.confidence or 0) > 0.8
    assert heard.audio_seconds == 19.66
    assert not heard.incomplete
    assert heard.call_sid == "CAREvoicemail"
    assert (event.traceparent or "").startswith(f"00-{'a' * 32}-")


async def test_a_call_on_two_channels_is_a_dialogue_of_two_speakers_each_in_their_language(
    service: Transcriber, shared_store: Store, bus: Bus
) -> None:
    shared_store.lay("/call.wav", Answer(body=audio("bilingual_call.stereo.wav")))
    await bus.publish(ready("REcall", url=f"{shared_store.url}/call", channels=2))
    heard = (await completed(bus, "REcall")).data
    turns = SPOKEN["bilingual_call"]["turns"]
    assert word_error_rate(" ".join(s.text for s in heard.segments), " ".join(t["text"] for t in turns)) < 0.1
    assert heard.transcription_text.splitlines() == [f"{s.speaker}: {s.text}" for s in heard.segments]
    speakers = [segment.speaker for segment in heard.segments]
    changes = [a for a, b in zip(speakers, [*speakers[1:], ""], strict=True) if a != b]
    assert changes == [turn["speaker"] for turn in turns]
    assert all(a.start <= b.start for a, b in pairwise(heard.segments))
    assert shared_store.asked("/call.wav")[0].query == "RequestedChannels=2"


async def test_silence_and_tones_stay_empty(service: Transcriber, shared_store: Store, bus: Bus) -> None:
    for name, body in {"silence": silence(), "ringback": audio("ringback.wav")}.items():
        shared_store.lay(f"/{name}.wav", Answer(body=body))
        await bus.publish(ready(f"RE{name}", url=f"{shared_store.url}/{name}"))
        heard = (await completed(bus, f"RE{name}")).data
        assert heard.transcription_text == ""
        assert heard.segments == ()
        assert heard.language is None
        assert heard.confidence is None


async def test_a_recording_of_voipms_comes_out_of_its_api(service: Transcriber, shared_store: Store, bus: Bus) -> None:
    encoded = base64.encodebytes(audio("voicemail_beginning.mp3")).decode().rstrip("=\n")
    found = json.dumps({"status": "success", "base64file": encoded}).replace("/", r"\/").encode()
    before = len(shared_store.asked("/rest.php"))
    shared_store.lay("/rest.php", Answer(body=b'{"status":"no_recording"}'), Answer(body=found))
    await bus.publish(ready("rec_1", provider="voipms", url="https://voip.ms/recording/1.mp3"))
    heard = (await completed(bus, "rec_1")).data
    assert "My temporary crown came off this morning" in heard.transcription_text
    _, asked = shared_store.asked("/rest.php")[before:]
    assert asked.method == "POST"
    assert asked.query == ""
    assert asked.headers["content-type"].startswith("multipart/form-data")
    for value in (VOIPMS_USER, VOIPMS_PASSWORD, "getCallRecording", "rec_1"):
        assert f"\r\n\r\n{value}\r\n".encode() in asked.body


async def test_nothing_remains_and_nothing_is_told(service: Transcriber, shared_store: Store, bus: Bus) -> None:
    shared_store.lay("/quiet.wav", Answer(body=silence()))
    await bus.publish(ready("REquiet", url=f"{shared_store.url}/quiet"))
    await completed(bus, "REquiet")
    assert list(service.temporary.iterdir()) == []
    assert "Ernesto" not in service.log()
    assert "crown" not in service.log()
    assert TOKEN not in service.log()
    assert VOIPMS_PASSWORD not in service.log()
    assert 'frontdesk_recordings_total{outcome="completed",provider="twilio"}' in await service.metrics()


async def test_the_service_stays_small_because_the_engine_lives_elsewhere(
    service: Transcriber, shared_store: Store, bus: Bus
) -> None:
    shared_store.lay("/small.wav", Answer(body=silence()))
    await bus.publish(ready("REsmall", url=f"{shared_store.url}/small"))
    await completed(bus, "REsmall")
    assert len(service.workers()) == 1
    loaded = Path(f"/proc/{service.pid}/maps").read_text()
    assert not [library for library in ("numpy", "ctranslate2", "onnxruntime", "libav") if library in loaded]
    status = Path(f"/proc/{service.pid}/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert kilobytes < 90_000


async def test_a_truncated_recording_fails_and_what_is_left_of_its_words_is_kept(
    service: Transcriber, shared_store: Store, bus: Bus
) -> None:
    whole = audio("voicemail.wav")
    shared_store.lay("/cut.wav", Answer(body=whole[: len(whole) // 2]))
    await bus.publish(ready("REcut", url=f"{shared_store.url}/cut"))
    event = await outcome(bus, "REcut")
    assert isinstance(event, TranscriptionFailed)
    assert event.data.reason is TranscriptionFailure.TRUNCATED
    assert "Robert" in (event.data.partial_text or "")
