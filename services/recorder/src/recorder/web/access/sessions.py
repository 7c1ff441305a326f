"""Sessions of browsers: a random id in a cookie, its hash in the database, so that replicas and restarts agree."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from recorder.database import Database
from recorder.web.access.checking import Verified
from recorder.web.access.passwords import SharedPassword


@dataclass(frozen=True)
class Lifetime:
    """How long a session lives: at most so long, and without a request only so long."""

    whole: timedelta
    idle: timedelta


class Sessions:
    """What is known of the browsers that are signed in."""

    def __init__(
        self, database: Database, shared: SharedPassword | None, lifetime: Lifetime, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._shared = shared
        self.lifetime = lifetime
        self._now = now

    async def begin(self, verified: Verified, address: str) -> str:
        """A new session's id: always a fresh one, so that nobody can plant it beforehand."""
        session = secrets.token_urlsafe(32)
        now = self._now()
        await self._database.call(
            "begin_session",
            id_hash=self._hash(session),
            name=verified.name,
            shared=verified.shared,
            client=address,
            at=now.isoformat(),
            until=(now + self.lifetime.whole).isoformat(),
        )
        return session

    async def find(self, session: str) -> Verified | None:
        """Whose session it is; None when there is none, or no more."""
        found = await self._database.call(
            "use_session",
            id_hash=self._hash(session),
            at=self._now().isoformat(),
            idle_seconds=int(self.lifetime.idle.total_seconds()),
        )
        return Verified(found[0]["name"], found[0]["shared"]) if found else None

    async def end(self, session: str) -> None:
        """Sign out."""
        await self._database.call("end_session", id_hash=self._hash(session))

    def _hash(self, session: str) -> str:
        """Another one as soon as DASHBOARD_PASSWORD is changed: that signs everybody out."""
        return self._shared.bind(session) if self._shared else sha256(session.encode()).hexdigest()


def csrf_token(credential: str) -> str:
    """What only a page made for this session (or these Basic credentials) knows: nothing has to be kept for it."""
    return hmac.new(credential.encode(), b"frontdesk csrf", sha256).hexdigest()
