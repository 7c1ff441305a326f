"""Counts over a range, as charts need them."""

from datetime import datetime

from pydantic import Field

from recorder.web.reading.models import Answer


class CallCounts(Answer):
    """Calls that began in one hour, day, week or month; `at` is its first moment in local time."""

    at: datetime
    calls: int
    answered: int | None = None
    voicemail: int | None = None
    missed: int | None = None
    outbound: int | None = None
    seconds: float = Field(description="Spoken")


class TextCounts(Answer):
    """Texts of one hour, day, week or month; `at` is its first moment in local time."""

    at: datetime
    inbound: int | None = None
    outbound: int | None = None
    failed: int | None = Field(None, description="Outbound ones that did not arrive")


class BusyHour(Answer):
    """What came in at one hour of the week."""

    weekday: int = Field(description="1 is Monday")
    hour_of_day: int
    calls: int
    texts: int


class Cost(Answer):
    """What a provider charged for calls (negative, as providers write it)."""

    at: datetime
    provider: str
    cost: float


class Analytics(Answer):
    """How the practice was reached."""

    calls: tuple[CallCounts, ...]
    texts: tuple[TextCounts, ...]
    categories: dict[str, int] = Field(description="Inbound texts by what they were about")
    by_hour: tuple[BusyHour, ...]
    replies: dict[str, int] = Field(description="Automatic answers by the most seconds they took; `more` than a day")
    transcripts: dict[str, int] = Field(description="Recordings by status of their transcript")
    transcript_lags: dict[str, int] = Field(description="Transcripts by the most seconds they took")
    costs: tuple[Cost, ...]
