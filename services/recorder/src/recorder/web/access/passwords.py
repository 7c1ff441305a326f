"""Passwords: hashed with Argon2, compared without telling by the time it takes."""

import asyncio
import hmac
import secrets
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's parameters: 19 MiB and some 20 ms for a check."""

_NOBODYS = _HASHER.hash(secrets.token_hex(16))
"""What a password is checked against when there is no such user, so that it takes as long."""

MAX_LENGTH = 1024
"""Of a password, in bytes of UTF-8."""


def hash_password(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password.encode())


async def fits(kept: str | None, password: bytes) -> bool:
    """Whether `password` is the one `kept` was made of; takes as long when there is none."""
    return await asyncio.to_thread(_fits, kept or _NOBODYS, password) and kept is not None


def _fits(kept: str, password: bytes) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


class SharedPassword:
    """DASHBOARD_PASSWORD: the password itself, or an Argon2 hash of it."""

    def __init__(self, setting: str) -> None:
        self.hashed = setting.startswith("$argon2")
        self._setting = setting.encode()

    def equals(self, password: bytes) -> bool:
        """Compare with the password itself; False when only a hash is known."""
        return hmac.compare_digest(password, self._setting) and not self.hashed

    async def fits(self, password: bytes) -> bool:
        """Check against the hash; False when the password itself is known."""
        return self.hashed and await fits(self._setting.decode(), password)

    def bind(self, secret: str) -> str:
        """A hash of `secret` that is another one as soon as this password is changed."""
        return hmac.new(self._setting, secret.encode(), sha256).hexdigest()
