"""A key-value bucket with compare-and-swap, whose failures mean exactly one thing each."""

import asyncio
from dataclasses import dataclass

import nats.errors
import nats.js.errors
from nats.js.kv import KeyValue

from chassis.bus import Bus
from chassis.failures import Unavailable
from contracts.topology import Bucket

ATTEMPTS = 2
"""Tries of one write before it is reported as `Unavailable`; each takes the client's timeout (5 s) at the most."""


class Conflict(Exception):
    """Somebody else wrote the key since it was read: read it again."""


@dataclass(frozen=True)
class Stored:
    """A value and its revision."""

    value: bytes
    revision: int


class Store:
    """One bucket, opened when it is first used."""

    def __init__(self, bus: Bus, bucket: Bucket) -> None:
        self._bus = bus
        self._bucket = bucket
        self._opened: KeyValue | None = None

    async def get(self, key: str) -> Stored | None:
        """The newest value of `key`, if any. Raises `Unavailable`."""
        kv = await self._kv()
        try:
            entry = await kv.get(key)
        except nats.js.errors.KeyNotFoundError:
            return None
        except (nats.errors.Error, OSError) as error:
            self._opened = None  # how a bucket is read is its own to say, and provisioning may have changed it
            raise self._unavailable(error) from error
        return Stored(entry.value or b"", entry.revision or 0)

    async def put(self, key: str, value: bytes, revision: int) -> int:
        """Write `value` if `revision` is still the newest; 0 demands that there is none.

        A write that timed out may have happened: it is tried again, and when the bucket then holds `value`, it had.
        So a value that must have one author carries something unique. Returns the new revision. Raises `Conflict`,
        `Unavailable`.
        """
        kv = await self._kv()
        for _ in range(ATTEMPTS):
            try:
                return await (kv.update(key, value, last=revision) if revision else kv.create(key, value))
            except nats.js.errors.KeyWrongLastSequenceError as error:
                stored = await self.get(key)
                if stored is None or stored.value != value:
                    raise Conflict(self._bucket.name) from error
                return stored.revision
            except (nats.errors.Error, OSError) as error:
                failure = self._unavailable(error)
                await asyncio.sleep(0.1)
        raise failure

    async def problem(self) -> str | None:
        """Why the bucket cannot be used now; None when it can."""
        try:
            await (await self._kv()).status()
        except (Unavailable, nats.errors.Error, OSError) as error:
            return f"{type(error).__name__}: {error}"
        return None

    async def _kv(self) -> KeyValue:
        if self._opened is None:
            self._opened = await self._bus.bucket(self._bucket)
        return self._opened

    def _unavailable(self, error: Exception) -> Unavailable:
        return Unavailable(f"key-value bucket {self._bucket.name}: {type(error).__name__}: {error}")
