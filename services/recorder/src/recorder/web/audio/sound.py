"""What playing a recording comes to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from recorder.web.audio.ranges import Slice


@dataclass(frozen=True)
class Sound:
    """An audio file, or a part of it."""

    content_type: str
    size: int | None
    """Of what `pieces` gives; None when the provider did not say."""
    part: Slice | None
    """None when it is the whole file."""
    pieces: AsyncIterator[bytes]


class NotPlayable(Exception):
    """There is no sound, for the reason the text gives; `status` is the HTTP status that says so."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class NoSuchPart(Exception):
    """The range asked for lies outside of the file."""

    def __init__(self, size: int | None) -> None:
        super().__init__("the range lies outside of the recording")
        self.size = size
