"""*Analytics*: how the practice was reached, in numbers and charts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from recorder.web.pages.views import charts, words
from recorder.web.pages.views.charts import Chart, Colour, Column, Line, total
from recorder.web.pages.views.clock import Clock
from recorder.web.pages.views.periods import Period, label, steps
from recorder.web.pages.views.words import Tone, in_words
from recorder.web.reading import analytics as counted

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Tile:
    """One number that says most."""

    name: str
    value: str
    detail: str
    tone: Tone = "calm"


@dataclass(frozen=True)
class Field:
    """One hour of a weekday in the heat map."""

    hour: str
    count: int
    level: int


@dataclass(frozen=True)
class Analytics:
    """The whole page."""

    period: Period
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    week: tuple[tuple[str, tuple[Field, ...]], ...]
    busiest: str
    summary: str


def analytics(numbers: counted.Analytics, period: Period, clock: Clock) -> Analytics:
    """The charts of a period."""
    bars = tuple(steps(period, clock))
    week, busiest = _week(numbers.by_hour)
    tiles = _tiles(numbers)
    return Analytics(
        period=period,
        tiles=tiles,
        charts=(
            _calls(numbers, bars, period),
            _texts(numbers, bars, period),
            _replies(numbers),
            _categories(numbers),
            _costs(numbers, bars, period),
            _transcripts(numbers),
        ),
        week=week,
        busiest=busiest,
        summary=", ".join(f"{tile.name}: {tile.value}" for tile in tiles[:3]),
    )


def _tiles(numbers: counted.Analytics) -> tuple[Tile, ...]:
    answered, voicemail, missed, outbound, calls = (
        total([getattr(each, name) for each in numbers.calls])
        for name in ("answered", "voicemail", "missed", "outbound", "calls")
    )
    inbound, sent, failed = (
        total([getattr(each, name) for each in numbers.texts]) for name in ("inbound", "outbound", "failed")
    )
    ended = answered + voicemail + missed
    cost = sum(abs(each.cost) for each in numbers.costs)
    return (
        Tile("Calls", f"{calls - outbound:,}", f"{outbound:,} more made by us"),
        Tile("Answered", _share(answered, ended), f"{answered:,} of {ended:,}", "good"),
        Tile("Missed", f"{missed:,}", f"{voicemail:,} left a voicemail", "urgent" if missed else "calm"),
        Tile("Texts", f"{inbound:,}", f"{sent:,} sent by us"),
        Tile("Replies", _until(numbers.replies), "half were out by then"),
        Tile("Not delivered", f"{failed:,}", f"{_share(failed, sent)} of texts sent", "warn" if failed else "calm"),
        Tile("Transcripts", _until(numbers.transcript_lags), "half were done by then"),
        Tile("Cost of calls", words.money(round(cost, 2)), "as far as providers said"),
    )


def _until(counted_by_bound: Mapping[str, int]) -> str:
    within = charts.half_within(counted_by_bound)
    return f"≤ {within}" if within not in ("", "longer") else within or "–"


def _share(part: int, whole: int) -> str:
    return words.percent(part / whole) if whole else "–"


def _calls(numbers: counted.Analytics, bars: tuple[datetime, ...], period: Period) -> Chart:
    by_bar = {each.at.replace(tzinfo=None): each for each in numbers.calls}
    found = [(at, by_bar.get(at)) for at in bars]
    lines = [(at, (each.answered, each.voicemail, each.missed) if each else (0, 0, 0)) for at, each in found]
    return Chart(
        "calls", "Calls", "How calls to the practice ended.", _heading(period),
        (Column("Answered", "good"), Column("Voicemail", "warn"), Column("Missed", "bad")),
        _lines(lines, period),
    )  # fmt: skip


def _texts(numbers: counted.Analytics, bars: tuple[datetime, ...], period: Period) -> Chart:
    by_bar = {each.at.replace(tzinfo=None): each for each in numbers.texts}
    found = [(at, by_bar.get(at)) for at in bars]
    lines = [(at, (each.inbound, each.outbound, each.failed) if each else (0, 0, 0)) for at, each in found]
    return Chart(
        "texts", "Texts", "Texts from patients, ours, and those of ours that did not arrive.", _heading(period),
        (Column("Received", "one"), Column("Sent", "two"), Column("Not delivered", "bad")),
        _lines(lines, period),
        form="grouped",
    )  # fmt: skip


def _lines(found: Iterable[tuple[datetime, tuple[int | None, ...]]], period: Period) -> tuple[Line, ...]:
    return tuple(
        Line(label(at, period.granularity), tuple(float(value or 0) for value in values)) for at, values in found
    )


def _costs(numbers: counted.Analytics, bars: tuple[datetime, ...], period: Period) -> Chart:
    providers = sorted({each.provider for each in numbers.costs})
    costs = {(each.at.replace(tzinfo=None), each.provider): abs(each.cost) for each in numbers.costs}
    colours: tuple[Colour, ...] = ("one", "two", "three")
    columns = zip(providers, colours, strict=False)
    return Chart(
        "costs", "Cost of calls", "What each provider charged.", _heading(period),
        tuple(Column(in_words(words.PROVIDERS, name), colour) for name, colour in columns),
        tuple(Line(label(at, period.granularity), tuple(costs.get((at, name), 0.0) for name in providers[:3]))
              for at in bars),
        money=True,
    )  # fmt: skip


def _replies(numbers: counted.Analytics) -> Chart:
    return Chart(
        "replies", "Time to the automatic reply", "How many texts were answered within which time.", "Within",
        (Column("Texts", "one"),), charts.durations(numbers.replies),
    )  # fmt: skip


def _transcripts(numbers: counted.Analytics) -> Chart:
    return Chart(
        "transcripts", "Time to the transcript", "How long after the recording its words could be read.", "Within",
        (Column("Recordings", "two"),), charts.durations(numbers.transcript_lags),
    )  # fmt: skip


def _categories(numbers: counted.Analytics) -> Chart:
    found = sorted(numbers.categories.items(), key=lambda pair: (-pair[1], pair[0]))
    return Chart(
        "categories", "What texts were about", "As the automatic answer understood them.", "About",
        (Column("Texts", "one"),),
        tuple(Line(in_words(words.CATEGORIES, name), (float(count),)) for name, count in found), form="across",
    )  # fmt: skip


def _heading(period: Period) -> str:
    return {"hour": "Hour", "day": "Day", "week": "Week of", "month": "Month"}[period.granularity]


def _week(hours: Iterable[counted.BusyHour]) -> tuple[tuple[tuple[str, tuple[Field, ...]], ...], str]:
    counts = {(each.weekday, each.hour_of_day): each.calls + each.texts for each in hours}
    most = max(counts.values(), default=0)
    rows = tuple(
        (
            day,
            tuple(
                Field(_hour(hour), counts.get((index, hour), 0), charts.level(counts.get((index, hour), 0), most))
                for hour in range(24)
            ),
        )
        for index, day in enumerate(WEEKDAYS, start=1)
    )
    if not most:
        return rows, "Nothing came in."
    weekday, hour = max(counts, key=lambda place: (counts[place], place))
    came = words.count(most, "call or text", "calls and texts")
    return rows, f"Busiest: {WEEKDAYS[weekday - 1]} at {_hour(hour)}, {came}."


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"
