"""What Frontdesk's services say to each other: events, commands, subjects, streams.

Everything another service or a tester may rely on is importable from here; see `contracts.registry` for the list.
"""

from contracts.envelope import Event, EventData, event_id
from contracts.registry import EVENTS, InvalidEvent, UnknownEvent, decode_event

__all__ = ["EVENTS", "Event", "EventData", "InvalidEvent", "UnknownEvent", "decode_event", "event_id"]
