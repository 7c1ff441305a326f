"""Twilio's webhooks about recordings."""

from contracts.recording import RecordingReady, RecordingReadyData
from gateway.providers.base import Parsed, VerifiedRequest
from gateway.providers.parameters import later, whole
from gateway.providers.twilio.parameters import PROVIDER, error_code, parameters, rfc2822

_UNFINISHED = frozenset({"in-progress", "paused", "stopped", "processing", "absent", "failed", "deleted"})


def ready(request: VerifiedRequest) -> Parsed:
    """A recording can be fetched; what other statuses say (`absent`: nothing was recorded) changes nothing."""
    given = parameters(request)
    status = given.required("RecordingStatus")
    if status != "completed":
        return Parsed(ignored=f"recording {status if status in _UNFINISHED else 'in an unknown status'}")
    started, duration = given.read("RecordingStartTime", rfc2822), given.read("RecordingDuration", whole)
    code = error_code(given)
    data = RecordingReadyData(
        provider=PROVIDER,
        recording_sid=given.required("RecordingSid"),
        call_sid=given.optional("CallSid"),
        account_sid=given.optional("AccountSid"),
        recording_url=given.required("RecordingUrl"),
        recording_duration=duration,
        recording_channels=given.read("RecordingChannels", _channels),
        recording_started_at=started,
        metadata={**given.rest(), **({"ErrorCode": code} if code else {})},
    )
    return Parsed((request.event(RecordingReady, data, time=later(started, duration)),))


def _channels(text: str) -> int | None:
    count = whole(text)
    return count if count is not None and 1 <= count <= 8 else None
