"""What the transcriber asks of a speech engine, wherever it runs."""

from pathlib import Path
from typing import Protocol

from transcriber.transcript import Transcript


class Engine(Protocol):
    """Turns recordings into transcripts, one at a time."""

    name: str
    """As published: which software."""
    model: str
    """As published: which model."""

    async def transcribe(self, recording: Path) -> Transcript:
        """Hear the file at `recording`.

        Raises `PermanentFailure` when the file is not usable audio, `TemporaryFailure` when the engine failed on it,
        `Unavailable` when it cannot work at all now. May be cancelled at any time.
        """
        ...

    async def problem(self) -> str | None:
        """Why it cannot work now, asked often and answered cheaply; None when it can."""
        ...

    async def close(self) -> None:
        """Give up whatever runs and free everything."""
        ...
