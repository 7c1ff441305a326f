"""Ids as the providers give them: never the same twice, not even across restarts."""

import itertools
import secrets
import time
from collections.abc import Iterator

_START_OF_2026 = 1_767_225_600


def sid(prefix: str) -> str:
    """A Twilio id: two letters and 32 hex digits."""
    return prefix + secrets.token_hex(16)


def integers() -> Iterator[int]:
    """VoIP.ms ids: growing integers. Starting at the milliseconds since 2026, a restart repeats none."""
    return itertools.count(int((time.time() - _START_OF_2026) * 1000))
