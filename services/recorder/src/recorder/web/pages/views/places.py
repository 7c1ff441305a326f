"""Where things are: the addresses of pages, with every id quoted."""

from typing import Any
from urllib.parse import quote, urlencode


def call(provider: str, call_sid: str) -> str:
    """The page of one call."""
    return f"/calls/{_part(provider)}/{_part(call_sid)}"


def conversation(conversation_id: str) -> str:
    """The page of one thread."""
    return f"/conversations/{_part(conversation_id)}"


def thread_of(one: str, other: str) -> str:
    """The page of the thread between two numbers; its id is the same both ways."""
    return conversation(":".join(sorted((one, other))))


def recording(provider: str, recording_sid: str) -> str:
    """Leads to the call of a recording."""
    return f"/recordings/{_part(provider)}/{_part(recording_sid)}"


def audio(provider: str, recording_sid: str) -> str:
    """The sound of a recording."""
    return f"/api/recordings/{_part(provider)}/{_part(recording_sid)}/audio"


def calls_of(number: str) -> str:
    """All calls from or to a number."""
    return with_query("/calls", number=number, period="all")


def with_query(path: str, **given: Any) -> str:
    """`path?name=value`, leaving out what is empty."""
    query = urlencode({name: value for name, value in given.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def anchor(kind: str, key: str) -> str:
    """An id in the page that stays the same while the page refreshes."""
    return f"{kind}-{''.join(each if each.isalnum() else '-' for each in key)}"


def _part(text: str) -> str:
    return quote(text, safe="")
