"""What a provider's refusal of a text of our own accord says about the number it was meant for."""

from contracts.notice import NoticeWithheld
from responder.consent.learning import Cause, Learning
from responder.senders import codes


async def learn(learning: Learning, outcome: NoticeWithheld) -> None:
    """Keep it, so that the number is not bothered again. Done again whenever the outcome is. Raises `Unavailable`."""
    data = outcome.data
    meaning = codes.TWILIO.get(data.error_code) if data.error_code and data.provider == "twilio" else None
    if data.error_code and meaning:
        cause = Cause(outcome.id, data.provider, data.to_number, data.cause, outcome.traceparent)
        await learning.refusal(cause, data.error_code, meaning, at=outcome.time)
