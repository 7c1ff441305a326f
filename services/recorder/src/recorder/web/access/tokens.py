"""Tokens for machines: 256 random bits, shown once, kept as a hash."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from recorder.database import Database

PREFIX = "frontdesk_"
"""So that scanners for leaked secrets, and people, know one when they see it."""

Scope = Literal["read", "write"]


@dataclass(frozen=True)
class Token:
    """A machine that was let in."""

    name: str
    scope: Scope


def new_token() -> str:
    """A token; nobody can read it again."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of it. It is random: there is nothing to guess, so nothing slow is needed."""
    return sha256(token.encode()).hexdigest()


async def find_token(database: Database, token: str, now: Callable[[], datetime]) -> Token | None:
    """Whose token it is; None when it is none, or no more."""
    found = await database.call("use_token", token_hash=token_hash(token), at=now().isoformat())
    return Token(found[0]["name"], found[0]["scope"]) if found else None
