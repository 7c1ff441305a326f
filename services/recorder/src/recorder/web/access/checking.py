"""From a name and a password to who it is: slow enough for those who guess."""

import asyncio
import hmac
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from chassis import logs
from recorder.database import Database
from recorder.web.access.limiting import Key, Limiter, one_of
from recorder.web.access.passwords import MAX_LENGTH, SharedPassword, fits
from recorder.web.access.refusals import TooManyTries

log = logs.get(__name__)

_NOBODY = "front desk"
"""Who it is when a user of the shared password gives no name."""
_FREE_OF_A_CLIENT = 10
_FREE_OF_A_NAME = 10
_OF_ALL = Key("all", 100)
_MOST_WAITING = 32
"""Checks in line: each takes some 20 ms."""
_MOST_REMEMBERED = 1000

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True)
class Verified:
    """Whose password it was."""

    name: str
    shared: bool


@dataclass(frozen=True)
class _Keys:
    """What a wrong password counts against: whoever tries and all of them, and the name that is tried."""

    common: list[Key]
    personal: list[Key]


class PasswordCheck:
    """Checks passwords one at a time, so that many at once cost neither memory nor more tries than allowed."""

    def __init__(self, database: Database, shared: SharedPassword | None, seconds: Callable[[], float]) -> None:
        """`seconds` is the time."""
        self._database = database
        self._shared = shared
        self._seconds = seconds
        self._limiter = Limiter()
        self._line = asyncio.Lock()
        self._waiting = 0
        self._key = secrets.token_bytes(32)
        self._fitting: OrderedDict[bytes, str] = OrderedDict()
        self._welcome: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def check(self, name: str, password: bytes, address: str) -> Verified | None:
        """Who it is; None when the password is wrong. Raises `TooManyTries`, also when it would have been right."""
        client = one_of(address)
        keys = self._keys(name, client)
        self._refuse_guessing(keys.common)
        verified = self._by_word(name, password) or await self._by_memory(name, password, keys)
        if verified is None:
            verified = await self._in_line(name, password, keys)
        if verified is not None:
            self._limiter.succeeded([_of_client(client), *([] if verified.shared else [_of_name(name)])])
            _remember(self._welcome, (client, "" if verified.shared else name.lower()), None)
        return verified

    def token_failed(self, address: str) -> None:
        """Count a wrong token."""
        self._failed([_of_client(one_of(address))])

    def refuse_guessing(self, address: str) -> None:
        """Raise `TooManyTries` when this client guessed too often."""
        self._refuse_guessing([_of_client(one_of(address))])

    def _keys(self, name: str, client: str) -> _Keys:
        """Whoever was in before from where they are is not locked out because somebody else guesses."""
        theirs = (client, name.lower()) in self._welcome
        ours = theirs or (client, "") in self._welcome
        return _Keys(
            [_of_client(client), *([] if ours else [_OF_ALL])],
            [] if theirs else [_of_name(name)],
        )

    def _failed(self, keys: list[Key]) -> None:
        self._limiter.failed(keys, self._seconds())
        log.warning("wrong password or token", by=keys[0].name)

    def _refuse_guessing(self, keys: list[Key]) -> None:
        if wait := self._limiter.wait(keys, self._seconds()):
            raise TooManyTries(math.ceil(wait))

    def _by_word(self, name: str, password: bytes) -> Verified | None:
        if self._shared is not None and self._shared.equals(password):
            return Verified(name or _NOBODY, shared=True)
        return None

    async def _by_memory(self, name: str, password: bytes, keys: _Keys) -> Verified | None:
        """Passwords that came before need not be hashed again: Basic credentials come with every request."""
        kept = self._fitting.get(self._digest(name, password))
        if kept is None:
            return None
        if not kept:
            return Verified(name or _NOBODY, shared=True)
        if self._limiter.wait(keys.personal, self._seconds()):
            return None  # locked is locked
        user = await self._user(name)
        return Verified(user[0], shared=False) if user and user[1] == kept else None

    async def _in_line(self, name: str, password: bytes, keys: _Keys) -> Verified | None:
        if self._waiting >= _MOST_WAITING:
            raise TooManyTries(1)
        self._waiting += 1
        try:
            async with self._line:
                self._refuse_guessing(keys.common)
                verified = await self._shared_by_hash(name, password)
                if verified is None and self._limiter.wait(keys.personal, self._seconds()):
                    self._failed(keys.common)  # or a name that is locked would let the shared password be guessed
                    self._refuse_guessing(keys.personal)
                verified = verified or await self._person_by_hash(name, password)
                if verified is None:
                    self._failed([*keys.common, *keys.personal])
                return verified
        finally:
            self._waiting -= 1

    async def _shared_by_hash(self, name: str, password: bytes) -> Verified | None:
        if self._shared is None or len(password) > MAX_LENGTH or not await self._shared.fits(password):
            return None
        _remember(self._fitting, self._digest(name, password), "")
        return Verified(name or _NOBODY, shared=True)

    async def _person_by_hash(self, name: str, password: bytes) -> Verified | None:
        user = await self._user(name) if len(password) <= MAX_LENGTH else None
        if not await fits(user[1] if user else None, password[:MAX_LENGTH]) or user is None:
            return None
        _remember(self._fitting, self._digest(name, password), user[1])
        return Verified(user[0], shared=False)

    async def _user(self, name: str) -> tuple[str, str] | None:
        """Name as it is written, and hash."""
        for user in await self._database.call("staff_user", name=name):
            return user["name"], user["password_hash"]
        return None

    def _digest(self, name: str, password: bytes) -> bytes:
        return hmac.new(self._key, name.encode() + b"\0" + password, sha256).digest()


def _of_client(client: str) -> Key:
    return Key(f"client {client}", _FREE_OF_A_CLIENT)


def _of_name(name: str) -> Key:
    return Key(f"name {name.lower()}", _FREE_OF_A_NAME)


def _remember(memory: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    memory.pop(key, None)
    memory[key] = value
    while len(memory) > _MOST_REMEMBERED:
        memory.popitem(last=False)
