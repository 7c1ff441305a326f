"""VoIP.ms' announcement of a recording."""

from zoneinfo import ZoneInfo

from contracts.recording import RecordingReady, RecordingReadyData
from contracts.values import Direction
from gateway.phone import normalised
from gateway.providers.base import Parsed, VerifiedRequest
from gateway.providers.parameters import Parameters, later, seconds
from gateway.providers.voipms.fields import PROVIDER, all_fields, moment
from gateway.providers.voipms.recording_id import hint_of

_WAYS = {"incoming": Direction.INBOUND, "outgoing": Direction.OUTBOUND}


def ready(request: VerifiedRequest, *, zone: ZoneInfo) -> Parsed:
    """A recording can be fetched. The account it belongs to, which the API asks for, stays in the metadata.

    Without the id of its call, numbers and time tell which one it was: as given, or else as the recording's id hints.
    """
    given = Parameters(all_fields(request.raw))
    recording_id = given.required("recording_id")
    hint = hint_of(recording_id)
    started, duration = given.read("date", lambda text: moment(text, zone)), given.read("duration", seconds)
    caller, called = given.read("callerid", normalised), given.read("destination", normalised)
    way = given.read("type", lambda text: _WAYS.get(text.lower()))
    data = RecordingReadyData(
        provider=PROVIDER,
        recording_sid=recording_id,
        call_sid=given.optional("call_id"),
        direction=way or (hint.direction if hint else None),
        from_number=caller or (hint.from_number if hint else None),
        to_number=called or (hint.to_number if hint else None),
        recording_url=given.optional("recording_url"),
        recording_duration=duration,
        recording_started_at=hint.started_at if hint else started,
        metadata=given.rest(),
    )
    return Parsed((request.event(RecordingReady, data, time=later(data.recording_started_at, duration)),))
