"""A request that a provider is going to send."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: str


def any_2xx(answer: Answer) -> str | None:
    """Most webhooks only have to be acknowledged."""
    return None if 200 <= answer.status < 300 else f"11200 HTTP retrieval failure: status {answer.status}"


def nothing() -> None:
    """The provider only tells."""


def once(act: Callable[[], object]) -> Callable[[], None]:
    """`act`, but only for the first call."""
    left = [act]

    def first() -> None:
        if left:
            left.pop()()

    return first


@dataclass(frozen=True)
class Webhook:
    """`url` is the public one, exactly as it is signed; the courier knows where that really is."""

    kind: str
    about: str
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    connect_retries: int = 0
    """How often the provider tries again by itself when it cannot connect."""
    happens: Callable[[], object] = nothing
    """What happens at the provider with the first attempt; made with `once`, because it is called before every one."""
    reads: Callable[[Answer], str | None] = any_2xx
    """What the provider makes of an answer: acts on it, and says what it would complain about."""
    id: str = field(default_factory=lambda: uuid4().hex)
