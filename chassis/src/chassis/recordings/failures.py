"""Why a recording has no transcript, and whether waiting may change that.

An outage of something we depend on is neither of these: it is `chassis.failures.Unavailable` and waits for as long as
it takes.
"""

from contracts.recording import TranscriptionFailure


class _Failure(Exception):
    def __init__(self, reason: TranscriptionFailure, detail: str) -> None:
        """`detail` is for operators: it is published and logged, so it never holds patients' data."""
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail[:500]


class PermanentFailure(_Failure):
    """No attempt can succeed."""


class TemporaryFailure(_Failure):
    """A later attempt may succeed; after the last one `reason` is final."""
