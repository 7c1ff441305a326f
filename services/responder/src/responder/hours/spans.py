"""Opening hours as a practice writes them: `8am-12pm, 1pm-5:30pm`, `08:00-17:30`, `10pm-2am`, `closed`."""

import re
from dataclasses import dataclass
from itertools import pairwise

DAY = 24 * 60
"""Minutes of a day whose clock is not changed."""

_TIME = re.compile(r"(?P<hour>\d{1,2})(:(?P<minute>\d\d))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_RANGE = re.compile("\\s*[-\u2013\u2014]\\s*")
_EXAMPLE = 'write "8am-5pm", "08:00-12:00, 13:00-17:00" or "closed"'


@dataclass(frozen=True, order=True)
class Span:
    """From `start` until `end`, which is no longer part of it: minutes on the wall clock since the day's midnight.

    `end` lies beyond 24:00 when the span ends on the next day.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and self.start < self.end <= self.start + DAY):
            raise ValueError(f"no span of hours: {self.start} to {self.end}")


Spans = tuple[Span, ...]
"""The spans of one day, in order, none touching another; empty when it is closed."""


def parse_time(text: str) -> int:
    """`8am`, `8:30 PM`, `17:30` or `24:00` in minutes since midnight. Raises `ValueError`.

    A bare `8` is refused: it would not say which half of the day it means.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or (found["half"] is None and found["minute"] is None):
        raise ValueError(f'"{text.strip()}" is no time of day, such as "8am", "5:30pm" or "17:30"')
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f'"{text.strip()}" is no time of day: hours before am and pm go from 1 to 12')
        hour = hour % 12 + (12 if found["half"].lower().startswith("p") else 0)
    if minute > 59 or hour * 60 + minute > DAY:
        raise ValueError(f'"{text.strip()}" is no time of day')
    return hour * 60 + minute


def parse_spans(text: str) -> Spans:
    """The spans of one day. Raises `ValueError` with what is wrong."""
    if text.strip().lower() == "closed":
        return ()
    spans = tuple(_parse_span(part) for part in text.split(","))
    for earlier, later in pairwise(spans):
        if later.start <= earlier.end:
            raise ValueError(f'"{text}": each span begins after the one before has ended')
    if spans[-1].end > spans[0].start + DAY:
        raise ValueError(f'"{text}" reaches into the same hours of the next day')
    return spans


def _parse_span(text: str) -> Span:
    ends = _RANGE.split(text.strip())
    if len(ends) != 2:
        raise ValueError(f'"{text.strip()}" is no span of hours; {_EXAMPLE}')
    start, end = parse_time(ends[0]), parse_time(ends[1])
    if start in (end, DAY):
        raise ValueError(f'"{text.strip()}" has no length; all day is "0:00-24:00"')
    return Span(start, end if end > start else end + DAY)
