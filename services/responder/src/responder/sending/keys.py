"""Keys of the bucket REPLIES. They appear in server logs and listings, so no number stands in them."""

import hashlib
from uuid import UUID


def reply_key(event_id: UUID) -> str:
    """For the answer to a text: the id of its `sms.received` event."""
    return str(event_id)


def notice_key(*, purpose: str, cause: str, recipient: str, step: int) -> str:
    """For a text of our own accord: one per purpose, cause (alert id, call_sid), recipient and step."""
    return f"notice.{_digest(purpose, cause, recipient, str(step))}"


def message_key(provider: str, message_sid: str) -> str:
    """For a message at a provider: which errand it belongs to."""
    return f"message.{_digest(provider, message_sid)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
