"""Recordings as samples: bounded decoding that trusts neither the file's name nor its header.

Only the engine's worker imports this: PyAV and numpy are too large for the service's own process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from chassis.recordings.failures import PermanentFailure
from contracts.recording import TranscriptionFailure
from transcriber.riff import promised_seconds

RATE = 16_000
"""Samples per second that Whisper wants."""
MAX_SECONDS = 2 * 3600.0
MIN_SECONDS = 0.2
"""Less than this is no recording of anything."""
MISSING_SECONDS = 0.5
"""A file shorter than its header says by more than this was cut off."""

FORMATS = "wav,w64,mp3,ogg,flac,mov,matroska,aac,amr,gsm,g729,g722,au,aiff,caf,asf"
"""Containers that hold recordings. FFmpeg's others turn text or pictures into media, or open what a playlist names."""

_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file,pipe"}
_UNDECODABLE = (av.error.FFmpegError, OSError, ValueError)

Pcm = NDArray[np.int16]
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Audio:
    """A decoded recording: one or two channels of 16-bit samples, which take half the memory of floats."""

    pcm: tuple[Pcm, ...]
    damaged: bool = False
    """Parts in the middle could not be decoded."""
    truncated: bool = False
    """The file ends before its header says it should."""

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.pcm[0]) / RATE

    def samples(self, channel: int, start: int = 0, end: int | None = None) -> Samples:
        """A stretch of a channel as 16 kHz floats from -1 to 1."""
        return self.pcm[channel][start:end].astype(np.float32) / np.float32(32768)


def decode(path: Path) -> Audio:
    """Decode the recording at `path`; more than two channels are mixed into one.

    Raises `PermanentFailure`: NOT_AUDIO, EMPTY or TOO_LONG.
    """
    with _open(path) as container:
        decoding = _Decoding(container)
        decoding.run()
        measured = container.duration / av.time_base if container.duration else 0.0
    promised = max(measured, promised_seconds(path) or 0.0)
    audio = decoding.audio(promised)
    if audio.seconds < MIN_SECONDS:
        raise PermanentFailure(TranscriptionFailure.EMPTY, f"{audio.seconds:.2f} s of audio")
    return audio


def _open(path: Path) -> Any:
    if path.stat().st_size == 0:
        raise PermanentFailure(TranscriptionFailure.EMPTY, "the file is empty")
    try:
        return av.open(str(path), mode="r", metadata_errors="ignore", options=_OPTIONS)
    except _UNDECODABLE as error:
        raise _not_audio(type(error).__name__) from error


def _not_audio(detail: str) -> PermanentFailure:
    return PermanentFailure(TranscriptionFailure.NOT_AUDIO, detail)


class _Decoding:
    """Packet by packet: a damaged one is skipped, where decoding in one go would silently end."""

    def __init__(self, container: Any) -> None:
        if not container.streams.audio:
            raise _not_audio("no audio stream")
        self._stream = container.streams.audio[0]
        if self._stream.codec_context is None:
            raise _not_audio("no decoder for its codec")
        self._container = container
        self._channels = 2 if self._stream.codec_context.channels == 2 else 1
        layout = "stereo" if self._channels == 2 else "mono"
        self._resampler = AudioResampler(format="s16", layout=layout, rate=RATE)
        self._pcm = tuple(bytearray() for _ in range(self._channels))
        self._damaged = 0

    def run(self) -> None:
        for packet in self._packets():
            try:
                for frame in packet.decode():
                    frame.pts = None  # gaps in a stream's clock are not to be filled
                    self._keep(frame)
            except _UNDECODABLE:
                self._damaged += 1
        if self._pcm[0]:
            self._keep(None)

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                yield next(packets)
            except StopIteration:
                return
            except _UNDECODABLE:
                self._damaged += 1
                return

    def _keep(self, frame: Any) -> None:
        for piece in self._resampler.resample(frame):
            samples = piece.to_ndarray().reshape(-1, self._channels)
            for channel, pcm in enumerate(self._pcm):
                pcm += samples[:, channel].tobytes()
        if len(self._pcm[0]) > MAX_SECONDS * RATE * 2:
            raise PermanentFailure(TranscriptionFailure.TOO_LONG, f"longer than {MAX_SECONDS / 3600:.0f} hours")

    def audio(self, promised: float) -> Audio:
        pcm = tuple(np.frombuffer(channel, dtype=np.int16) for channel in self._pcm)
        truncated = len(pcm[0]) / RATE < promised - MISSING_SECONDS
        return Audio(pcm, damaged=self._damaged > 0, truncated=truncated)
