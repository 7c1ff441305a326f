"""Who asks, and what came with the request that can be believed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Client:
    """Where a request comes from. `address` is empty when it cannot be known."""

    address: str
    host: str
    """Host and port the client asked for."""
    https: bool


@dataclass(frozen=True)
class Identity:
    """Somebody who was let in."""

    name: str
    """What marks and notes are signed with: a person's, a token's, or what a user of the shared password said."""
    by: Literal["shared", "person", "token"]
    may_write: bool
    client: Client
    csrf: str | None
    """What forms of theirs must carry. None for tokens, which no browser sends by itself."""
    needs_csrf: bool = True
    """False where JSON of the same origin is enough: a session's cookie is not what lets them in."""

    @property
    def who(self) -> str:
        """For the audit record: a shared password does not prove a name."""
        return {"shared": f"{self.name} (shared password)", "person": self.name, "token": f"token {self.name}"}[self.by]
