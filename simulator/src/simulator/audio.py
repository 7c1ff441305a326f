"""Just enough WAV to serve recordings like Twilio does: 16-bit PCM, mono or the channels as recorded."""

import struct
from array import array
from dataclasses import dataclass, replace
from typing import Literal, Self

_FORMATS: dict[tuple[int, int], Literal["pcm16", "ulaw"]] = {(1, 16): "pcm16", (7, 8): "ulaw"}


def _from_ulaw(byte: int) -> int:
    """G.711 μ-law: sign, three bits of exponent, four of mantissa, all inverted."""
    bits = ~byte & 0xFF
    magnitude = (((bits & 0x0F) << 3) + 0x84 << ((bits & 0x70) >> 4)) - 0x84
    return -magnitude if bits & 0x80 else magnitude


_ULAW = [_from_ulaw(byte) for byte in range(256)]


@dataclass(frozen=True)
class Wav:
    """Telephone audio. `samples` are the bytes of the data chunk, channels interleaved."""

    form: Literal["pcm16", "ulaw"]
    rate: int
    channels: int
    samples: bytes

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """The audio in `content`; None when it is not a complete WAV of a form known here."""
        if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
            return None
        chunks = _chunks(content)
        head, data = chunks.get(b"fmt "), chunks.get(b"data")
        if head is None or data is None or len(head) < 16:
            return None
        kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", head[:16])
        form = _FORMATS.get((kind, bits))
        return cls(form, rate, channels, data) if form and channels in {1, 2} and rate else None

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / (self.rate * self._frame)

    @property
    def _frame(self) -> int:
        return self.channels * (2 if self.form == "pcm16" else 1)

    def first(self, seconds: float) -> Self:
        """The beginning."""
        return replace(self, samples=self.samples[: round(seconds * self.rate) * self._frame])

    def mono(self) -> Self:
        """Both channels mixed into one, as 16-bit PCM."""
        values = self._values()
        if self.channels == 2:
            values = array("h", ((left + right) // 2 for left, right in zip(values[::2], values[1::2], strict=False)))
        return replace(self, form="pcm16", channels=1, samples=values.tobytes())

    def content(self) -> bytes:
        """A file with 16-bit PCM, the channels as they are."""
        data = self._values().tobytes()
        frame = 2 * self.channels
        head = struct.pack("<HHIIHH", 1, self.channels, self.rate, self.rate * frame, frame, 16)
        body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
        return b"RIFF" + struct.pack("<I", len(body)) + body

    def _values(self) -> "array[int]":
        if self.form == "ulaw":
            return array("h", (_ULAW[byte] for byte in self.samples))
        return array("h", self.samples[: len(self.samples) // 2 * 2])


def _chunks(content: bytes) -> dict[bytes, bytes]:
    """Chunks by name; one that is shorter than it says is left out."""
    found: dict[bytes, bytes] = {}
    position = 12
    while position + 8 <= len(content):
        size = int.from_bytes(content[position + 4 : position + 8], "little")
        chunk = content[position + 8 : position + 8 + size]
        if len(chunk) == size:
            found.setdefault(content[position : position + 4], chunk)
        position += 8 + size + size % 2
    return found


def silent_wav(seconds: int, rate: int = 8000) -> bytes:
    """Digital silence, mono."""
    return Wav("pcm16", rate, 1, bytes(2 * rate * seconds)).content()


def silent_mp3(seconds: int) -> bytes:
    """Digital silence: MPEG-2 layer III frames (16 kHz, mono, 32 kbit/s, 36 ms) without any coefficients."""
    frame = bytes([0xFF, 0xF3, 0x48, 0xC4]) + bytes(140)
    return frame * (seconds * 1000 // 36 + 1)
