"""VoIP.ms' announcement of a recording."""

from zoneinfo import ZoneInfo

from contracts.recording import RecordingReady, RecordingReadyData
from gateway.providers.base import Parsed, VerifiedRequest
from gateway.providers.parameters import Parameters, later, seconds
from gateway.providers.voipms.fields import PROVIDER, all_fields, moment


def ready(request: VerifiedRequest, *, zone: ZoneInfo) -> Parsed:
    """A recording can be fetched. The account it belongs to, which the API asks for, stays in the metadata."""
    given = Parameters(all_fields(request.raw))
    started, duration = given.read("date", lambda text: moment(text, zone)), given.read("duration", seconds)
    data = RecordingReadyData(
        provider=PROVIDER,
        recording_sid=given.required("recording_id"),
        call_sid=given.optional("call_id"),
        recording_url=given.optional("recording_url"),
        recording_duration=duration,
        recording_started_at=started,
        metadata=given.rest(),
    )
    return Parsed((request.event(RecordingReady, data, time=later(started, duration)),))
