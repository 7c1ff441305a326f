"""What services ask of a provider that stores recordings."""

from typing import IO, Protocol

from contracts.recording import RecordingReadyData


class Fetcher(Protocol):
    """Gets recordings from one provider, with our credentials and from nowhere but its own host."""

    async def fetch(self, recording: RecordingReadyData, into: IO[bytes]) -> None:
        """Write the recording's audio file to `into`.

        Raises `PermanentFailure` or `TemporaryFailure` with the reason, `chassis.failures.Unavailable` when the
        provider cannot be reached or is out of order.
        """
        ...
