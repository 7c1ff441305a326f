"""What VoIP.ms knows of the account: calls and their recordings. Texts are in the common memory."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from simulator.library import Sound
from simulator.memory import Newest, now

WALL_CLOCK = ZoneInfo("America/New_York")
"""Zone of every zoneless date, unless the caller of the API asks for an offset."""


def stamp(at: datetime, offset: float | None = None) -> str:
    """`2026-09-07 10:20:46`, at a fixed offset from UTC in hours or by the account's wall clock."""
    zone = WALL_CLOCK if offset is None else timezone(timedelta(hours=offset))
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def ten_digits(number: str) -> str:
    """North American numbers as VoIP.ms writes them; short codes and others without their plus sign."""
    digits = number.removeprefix("+")
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


@dataclass(frozen=True)
class CallDetail:
    """One CDR."""

    uniqueid: str
    callid: str
    callerid: str
    destination: str
    description: str
    account: str
    disposition: str
    seconds: int
    total: str
    at: datetime = field(default_factory=now)

    @property
    def duration(self) -> str:
        """HH:MM:SS."""
        return f"{self.seconds // 3600:02}:{self.seconds // 60 % 60:02}:{self.seconds % 60:02}"


@dataclass(frozen=True)
class CallRecording:
    """One recorded call."""

    id: str
    callerid: str
    destination: str
    account: str
    sound: Sound = field(repr=False)
    at: datetime = field(default_factory=now)

    @property
    def duration(self) -> str:
        """MM:SS."""
        seconds = max(1, round(self.sound.seconds))
        return f"{seconds // 60:02}:{seconds % 60:02}"


class Records:
    """CDRs and recordings by id."""

    def __init__(self) -> None:
        self.calls: Newest[CallDetail] = Newest()
        self.recordings: Newest[CallRecording] = Newest()

    def add_recording(self, account: str, callerid: str, destination: str, sound: Sound, at: datetime) -> CallRecording:
        """Keep a recording. Its id is unpadded base64 of account, numbers, direction and start: one call per second."""
        owner = account.partition("_")[0]
        while (recording_id := _recording_id(owner, callerid, destination, at)) in self.recordings:
            at += timedelta(seconds=1)
        recording = CallRecording(recording_id, callerid, destination, account, sound, at)
        self.recordings[recording_id] = recording
        return recording

    def forget(self) -> None:
        """None any more."""
        self.calls.clear()
        self.recordings.clear()


def _recording_id(owner: str, callerid: str, destination: str, at: datetime) -> str:
    plain = f"{owner}-{callerid}-{destination}-IN-{int(at.timestamp())}"
    return base64.b64encode(plain.encode()).decode().rstrip("=")
