"""Decoding trusts neither name nor header; channels are told apart; long calls are cut where it is quiet."""

import contextlib
import itertools
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.recordings.failures import PermanentFailure
from support.recordings import audio, silence
from transcriber.audio import RATE, Audio, Pcm, decode
from transcriber.blocks import quiet_cuts
from transcriber.riff import promised_seconds
from transcriber.speakers import voices

Keep = Callable[[bytes], Path]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Write bytes to a file whose name says nothing."""

    def write(content: bytes) -> Path:
        (tmp_path / "recording").write_bytes(content)
        return tmp_path / "recording"

    return write


def test_damaged_packets_are_skipped_and_the_rest_is_heard(keep: Keep) -> None:
    mp3 = bytearray(audio("voicemail_beginning.mp3"))
    whole = decode(keep(bytes(mp3)))
    assert not whole.damaged
    mp3[10_000:11_000] = b"\xff\xfb\x00\x00" * 250
    damaged = decode(keep(bytes(mp3)))
    assert damaged.damaged
    assert whole.seconds - 2 < damaged.seconds <= whole.seconds


@pytest.mark.parametrize("name", ["voicemail.wav", "voicemail_beginning.mp3"])
def test_a_cut_recording_is_known_as_truncated_and_its_rest_is_kept(keep: Keep, name: str) -> None:
    content = audio(name)
    whole = decode(keep(content))
    assert not whole.truncated
    rest = decode(keep(content[: len(content) * 7 // 10]))
    assert rest.truncated
    assert rest.seconds == pytest.approx(whole.seconds * 0.7, abs=0.3)


def test_a_cut_pcm_recording_is_truncated_too(keep: Keep) -> None:
    whole = silence(4)
    assert not decode(keep(whole)).truncated
    rest = decode(keep(whole[: len(whole) // 2]))
    assert rest.truncated
    assert rest.seconds == pytest.approx(2, abs=0.1)


@given(st.binary(max_size=80))
def test_no_header_can_break_the_reader(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    file = tmp_path_factory.mktemp("riff") / "noise.wav"
    for header in (b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"):
        file.write_bytes(header + noise)
        seconds = promised_seconds(file)
        assert seconds is None or seconds >= 0


def test_a_header_without_a_length_promises_nothing(keep: Keep) -> None:
    streamed = bytearray(silence(2))
    streamed[4:8] = streamed[40:44] = b"\xff\xff\xff\xff"
    decoded = decode(keep(bytes(streamed)))
    assert decoded.seconds == pytest.approx(2)
    assert not decoded.truncated


def test_too_short_is_empty_and_too_long_is_too_long(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PermanentFailure, match="empty"):
        decode(keep(silence(0.1)))
    monkeypatch.setattr("transcriber.audio.MAX_SECONDS", 1.0)
    with pytest.raises(PermanentFailure, match="too_long"):
        decode(keep(silence(2)))


def test_more_than_two_channels_are_mixed_into_one(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "quad.wav"), "wb") as out:
        out.setnchannels(4)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(4 * 2 * 8000))
    assert len(decode(tmp_path / "quad.wav").pcm) == 1


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_never_do_worse_than_fail_by_name(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "arbitrary"
    file.write_bytes(content)
    with contextlib.suppress(PermanentFailure):
        assert decode(file).seconds > 0


# --- speakers -------------------------------------------------------------------------------------------------------


def tone(hertz: float, level: float = 0.3, seconds: float = 2) -> Pcm:
    times = np.arange(int(seconds * RATE)) / RATE
    wave: Pcm = (np.sin(2 * np.pi * hertz * times) * level * 32767).astype(np.int16)
    return wave


def speakers(*channels: Pcm) -> list[tuple[int, str]]:
    return [(voice.channel, voice.speaker) for voice in voices(Audio(channels))]


def test_channels_are_speakers_unless_they_are_the_same_or_one_is_silent() -> None:
    assert speakers(tone(300)) == [(0, "unknown")]
    assert speakers(tone(300), tone(440)) == [(0, "channel_1"), (1, "channel_2")]
    assert speakers(tone(300), tone(300, 0.1)) == [(0, "unknown")]
    assert speakers(tone(300), tone(440, 0)) == [(0, "channel_1")]
    assert speakers(tone(300, 0.0005), tone(440)) == [(1, "channel_2")]
    assert len(speakers(tone(300, 0), tone(300, 0))) == 1


# --- blocks ---------------------------------------------------------------------------------------------------------


@given(seconds=st.floats(0.2, 1000), seed=st.integers(0, 2**32 - 1))
def test_blocks_cover_everything_once_and_stay_short(seconds: float, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(-99, 99, int(seconds * RATE), dtype=np.int16)
    blocks = quiet_cuts(noise)
    assert blocks[0][0] == 0
    assert blocks[-1][1] == len(noise)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(blocks))
    assert all(0 < end - start <= 316 * RATE for start, end in blocks)


def test_a_cut_falls_into_a_pause() -> None:
    talk = tone(300, seconds=600)
    talk[292 * RATE : 293 * RATE] = 0
    ((_, cut), _) = quiet_cuts(talk)[:2]
    assert 292 * RATE < cut < 293 * RATE
