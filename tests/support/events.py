"""Valid events to start from."""

from datetime import UTC, datetime

from contracts.sms import SmsReceived, SmsReceivedData

NOON = datetime(2026, 9, 7, 16, 0, tzinfo=UTC)


def text(
    message: str = "What are your hours?",
    *,
    sid: str = "SM11111111111111111111111111111111",
    provider: str = "twilio",
    sender: str = "+12125550123",
    to: str = "+12125550100",
    at: datetime = NOON,
    recorded: datetime | None = None,
    opt_out_type: str | None = None,
) -> SmsReceived:
    """A patient's text."""
    data = SmsReceivedData(
        provider=provider,
        message_sid=sid,
        from_number=sender,
        to_number=to,
        message=message,
        opt_out_type=opt_out_type,
        metadata={},
    )
    return SmsReceived.of(data, time=at, recorded=recorded)
