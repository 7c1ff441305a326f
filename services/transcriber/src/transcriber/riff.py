"""How long a WAV file says it is: FFmpeg measures plain PCM by the size of the file, so it never misses a lost end."""

import struct
from pathlib import Path

_STREAMED = frozenset({0, 0x7FFFFFFF, 0xFFFFFFFF})
"""Sizes written by programs that did not know the length when they wrote the header."""


_CHUNK = struct.Struct("<4sI")
_BYTES_PER_SECOND = struct.Struct("<8xI4x")
"""Of a `fmt ` chunk: after codec, channels and sample rate, before the sample's size."""


def promised_seconds(path: Path) -> float | None:
    """Length by the header of the WAV file at `path`; None when it is no WAV file or its header does not say."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return None
        per_second = 0
        while len(head := file.read(_CHUNK.size)) == _CHUNK.size:
            name, size = _CHUNK.unpack(head)
            if name == b"data":
                return size / per_second if per_second and size not in _STREAMED else None
            content = file.tell()
            if name == b"fmt " and len(fmt := file.read(_BYTES_PER_SECOND.size)) == _BYTES_PER_SECOND.size:
                (per_second,) = _BYTES_PER_SECOND.unpack(fmt)
            file.seek(content + size + size % 2)  # chunks are padded to an even length
    return None
