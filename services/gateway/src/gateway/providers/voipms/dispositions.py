"""How VoIP.ms says what became of a call, in the words that all providers share."""

_STATUSES = {
    "answered": "completed",
    "no answer": "no-answer",
    "busy": "busy",
    "failed": "failed",
    "canceled": "canceled",
    "cancelled": "canceled",
}


def status_of(disposition: str) -> str:
    """The API writes dispositions in capitals, the webhook in small letters; unknown ones are carried along."""
    word = " ".join(disposition.lower().split())
    return _STATUSES.get(word, word)
