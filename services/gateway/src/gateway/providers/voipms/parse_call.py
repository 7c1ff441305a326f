"""VoIP.ms' call detail records."""

import re
from zoneinfo import ZoneInfo

from contracts.call import CallDetailRecorded, CallDetailRecordedData
from contracts.values import Direction
from gateway.phone import normalised
from gateway.providers.base import Parsed, VerifiedRequest
from gateway.providers.parameters import Parameters, later, seconds, whole
from gateway.providers.voipms.dispositions import status_of
from gateway.providers.voipms.fields import PROVIDER, all_fields, decimal, moment

_NAMED = re.compile(r'^"?(?P<name>[^"<]*)"?\s*<(?P<number>[^>]+)>$')
_DIRECTIONS = {
    "inbound": Direction.INBOUND,
    "incoming": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "outgoing": Direction.OUTBOUND,
}


def detail_recorded(request: VerifiedRequest, *, zone: ZoneInfo, did: str | None) -> Parsed:
    """A call is over: who, when, how long, for how much. The provider's own words stay in the metadata."""
    given = Parameters(all_fields(request.raw))
    started = given.read("date", lambda text: moment(text, zone))
    duration = given.read("seconds", whole)
    duration = duration if duration is not None else given.read("duration", seconds)
    ended = later(started, duration)
    caller, called = _caller(given.peek("callerid")), given.optional("destination")
    called = normalised(called) if called else None
    price = given.read("total", decimal)
    disposition = given.required("disposition")
    data = CallDetailRecordedData(
        provider=PROVIDER,
        call_sid=given.required("uniqueid", "callid"),
        direction=_direction(given, caller, called, did),
        status=status_of(disposition),
        from_number=caller,
        to_number=called,
        started_at=started,
        ended_at=ended,
        duration=duration,
        price=price,
        price_unit="USD" if price else None,
        metadata={**given.rest(), "disposition": disposition},
    )
    return Parsed((request.event(CallDetailRecorded, data, time=ended or started),))


def _caller(callerid: str | None) -> str | None:
    """The number of `5551112222` or of `"John Doe" <5551112222>`."""
    if callerid is None:
        return None
    named = _NAMED.match(callerid)
    return normalised(named["number"] if named else callerid) or None


def _direction(given: Parameters, caller: str | None, called: str | None, did: str | None) -> Direction | None:
    """By the description's first word; without one that we know, by which side is the practice's number."""
    first, *_ = (given.peek("description") or "").lower().split() or [""]
    if first in _DIRECTIONS or did is None:
        return _DIRECTIONS.get(first)
    ours = normalised(did)
    if called == ours:
        return Direction.INBOUND
    return Direction.OUTBOUND if caller == ours else None
