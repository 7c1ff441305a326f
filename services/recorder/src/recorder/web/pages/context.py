"""What every page is made with: who looks, which moment it is, and whether only the contents are wanted."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Request

from recorder.web.access.identity import Identity
from recorder.web.desk import AtDesk, Desk, Reader
from recorder.web.pages.rendering import FRAGMENT, Frame
from recorder.web.pages.views.clock import Clock
from recorder.web.pages.views.marks import Subject
from recorder.web.reading.models import MarkKind

_DID = {
    "done": "Marked as done.",
    "reopened": "Open again.",
    "assigned": "Assigned.",
    "noted": "Note added.",
}
_KINDS: dict[str, MarkKind] = {
    "call": "call", "conversation": "conversation", "alert": "alert", "callback": "callback",
    "appointment": "appointment",
}  # fmt: skip
ASIDE = frozenset({"did", "did_kind", "did_key"})
"""Parameters that only say what was just done."""


@dataclass(frozen=True)
class Did:
    """What the form before this page did, and how to undo it."""

    text: str
    undo: Subject | None
    back: str


@dataclass(frozen=True)
class Context:
    """One request of a page."""

    desk: Desk
    identity: Identity
    clock: Clock
    fragment: bool
    here: str
    """Path and query, without what was just done."""
    did: Did | None

    def frame(self, title: str, section: str) -> Frame:
        """The frame of a page."""
        return Frame(title, section, self.identity, self.fragment)


async def context(request: Request, desk: AtDesk, identity: Reader) -> Context:
    """See `Context`."""
    here = without_aside(request.url.path + "?" + request.url.query)
    return Context(
        desk=desk,
        identity=identity,
        clock=Clock(desk.now(), desk.zone),
        fragment=FRAGMENT in request.headers,
        here=here,
        did=_did(request, here),
    )


def without_aside(address: str) -> str:
    """The address of a page without what was just done on it."""
    split = urlsplit(address)
    query = urlencode([pair for pair in parse_qsl(split.query) if pair[0] not in ASIDE])
    return f"{split.path}?{query}" if query else split.path


def _did(request: Request, here: str) -> Did | None:
    text = _DID.get(request.query_params.get("did", ""))
    if text is None:
        return None
    kind = _KINDS.get(request.query_params.get("did_kind", ""))
    key = request.query_params.get("did_key", "")
    undoable = kind is not None and key and request.query_params["did"] == "done"
    return Did(text, Subject(kind, key) if kind and undoable else None, here)


InContext = Annotated[Context, Depends(context)]
