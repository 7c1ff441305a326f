"""A running transcriber, and what it publishes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Self
from weakref import WeakKeyDictionary

import httpx

from chassis.bus import Bus
from contracts import UnknownEvent, decode_event
from contracts.recording import (
    RecordingReady,
    RecordingReadyData,
    TranscriptionCompleted,
    TranscriptionFailed,
    TranscriptionSkipped,
)
from contracts.registry import AnyEvent
from ops.embedded.children import free_port
from support.events import NOON
from support.recordings import Store
from support.waiting import eventually
from transcriber.model import PACKAGES

ACCOUNT = "AC11111111111111111111111111111111"
TOKEN = "0123456789abcdef0123456789abcdef"
VOIPMS_USER, VOIPMS_PASSWORD = "practice@example.org", "voipms-api-password"

Outcome = TranscriptionCompleted | TranscriptionFailed | TranscriptionSkipped


def ready(
    sid: str,
    *,
    url: str | None = None,
    provider: str = "twilio",
    channels: int = 1,
    metadata: dict[str, str] | None = None,
) -> RecordingReady:
    """A recording that can be fetched."""
    data = RecordingReadyData(
        provider=provider,
        recording_sid=sid,
        call_sid=f"CA{sid}",
        account_sid=ACCOUNT,
        recording_url=url,
        recording_channels=channels,
        metadata=metadata or {},
    )
    return RecordingReady.of(data, time=NOON, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")


_read: WeakKeyDictionary[Bus, list[AnyEvent | UnknownEvent]] = WeakKeyDictionary()
"""What each bus has stored, as far as read: tests poll, and a stream only grows."""


async def outcomes(bus: Bus, sid: str) -> list[Outcome]:
    """What was published about a recording, in order."""
    last = (await bus.js.stream_info("EVENTS")).state.last_seq
    events = _read.setdefault(bus, [])
    while len(events) < last:
        events.append(decode_event((await bus.js.get_msg("EVENTS", len(events) + 1)).data or b""))
    return [event for event in events if isinstance(event, Outcome) and event.data.recording_sid == sid]


async def outcome(bus: Bus, sid: str, *, within: float = 30.0) -> Outcome:
    """The one thing published about a recording, awaited."""

    async def published() -> list[Outcome]:
        return await outcomes(bus, sid)

    (found,) = await eventually(published, within=within)
    assert isinstance(found, Outcome)
    return found


async def completed(bus: Bus, sid: str, *, within: float = 30.0) -> TranscriptionCompleted:
    """The transcript of a recording, awaited."""
    found = await outcome(bus, sid, within=within)
    assert isinstance(found, TranscriptionCompleted), found
    return found


class Transcriber:
    """`python -m transcriber` as a process of its own."""

    def __init__(self, directory: Path, nats_url: str, models: Path, **settings: str) -> None:
        """`models` is shared by tests, so that the packaged model is put together once."""
        self.temporary = directory / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self._log = directory / "transcriber.log"
        self._port = free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(self.temporary),
            "NATS_URL": nats_url,
            "DATA_DIR": str(models),
            "TRANSCRIBER_OPS_PORT": str(self._port),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it, and return at once."""
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "transcriber"], env=self._environment, stdout=out, stderr=out
            )
        return self

    @property
    def pid(self) -> int:
        """Of the service itself."""
        assert self._process is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def workers(self) -> list[int]:
        """Process ids of its engine's workers."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def nameless(self) -> list[Path]:
        """Its open temporary files, which no folder shows."""
        links = Path(f"/proc/{self.pid}/fd").iterdir()
        return [link for link in links if link.readlink().is_relative_to(self.temporary)]

    def log(self) -> str:
        """All lines so far."""
        return self._log.read_text()

    async def transcribing(self) -> int:
        """Wait until a worker hears a recording; its process id."""
        seen = self.log().count('"transcribing"')
        await eventually(lambda: self.log().count('"transcribing"') > seen, within=30)
        return self.workers()[0]

    async def problems(self) -> dict[str, str] | None:
        """What /readyz says is wrong; None while it says nothing at all."""
        async with httpx.AsyncClient() as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{self._port}/readyz")
            except httpx.TransportError:
                return None
        problems: dict[str, str] = answer.json()["problems"]
        return problems

    async def metrics(self) -> str:
        """What /metrics says."""
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{self._port}/metrics")).text

    async def is_ready(self) -> bool:
        """Whether /readyz is content."""
        return await self.problems() == {}

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to end, and wait; returns the seconds it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(sig)
        self._process.wait(20)
        return time.monotonic() - began


def credentials(store: Store) -> dict[str, str]:
    """Settings that make the double both providers."""
    return {
        "TWILIO_API_URL": store.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "VOIPMS_API_URL": f"{store.url}/rest.php",
        "VOIPMS_USERNAME": VOIPMS_USER,
        "VOIPMS_PASSWORD": VOIPMS_PASSWORD,
    }


@contextmanager
def running(service: Transcriber) -> Iterator[Transcriber]:
    """Started, and in the end stopped whatever happened."""
    service.start()
    try:
        yield service
    finally:
        service.stop()


def damaged_packages(directory: Path) -> Path:
    """A folder for PYTHONPATH with the model's two packages, one byte of which is wrong."""
    for package in PACKAGES:
        data = directory / "damaged" / package / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        for file in (files(package) / "data").iterdir():
            (data / file.name).write_bytes(file.read_bytes())
    with (data / "model.bin.part2").open("r+b") as part:
        part.seek(1_000_000)
        part.write(b"?")
    return directory / "damaged"


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"
