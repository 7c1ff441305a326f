"""What the load harness concludes, and what it sends."""

from collections import Counter
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from bench.measuring import half_lost, peak_lost
from bench.pacer import Paced
from bench.prepared import PATH, PUBLIC_URL, TOKEN, prepared, write
from bench.report import Target
from bench.soak import growth, minutes, settled
from bench.wrk import Peak, parse, together


def peak(requests: int, not_2xx: int = 0) -> Peak:
    return Peak(requests, 1, 1, 1, 1, not_2xx, 0)


def test_prepared_webhooks_are_signed_as_twilio_signs_and_all_different() -> None:
    webhooks = [*islice(prepared(1), 200)]
    validator = RequestValidator(TOKEN)
    for webhook in webhooks:
        assert validator.validate(PUBLIC_URL + PATH, dict(parse_qsl(webhook.body)), webhook.signature)
    assert len({webhook.sid for webhook in webhooks}) == 200
    assert [*islice(prepared(1), 200)] == webhooks
    assert not {webhook.sid for webhook in webhooks} & {webhook.sid for webhook in islice(prepared(2), 200)}


def test_the_file_for_wrk_holds_whole_requests(tmp_path: Path) -> None:
    file = tmp_path / "requests"
    write(file, 1, 3, "h")
    rest = file.read_bytes()
    for webhook in islice(prepared(1), 3):
        size, _, rest = rest.partition(b"\n")
        assert rest[: int(size)] == webhook.wire("h")
        rest = rest[int(size) :]
    assert rest == b""


def test_wrk_is_read_and_its_failure_is_told() -> None:
    out = (
        "Running 1s test\n"
        'RESULT {"requests": 200, "seconds": 2, "p50_ms": 1, "p99_ms": 2, "max_ms": 3, "not_2xx": 0, "broken": 0}\n'
    )
    assert parse(out).per_second == 100
    with pytest.raises(RuntimeError, match="unable to connect"):
        parse("", "unable to connect")


def test_an_accepted_webhook_that_is_not_in_the_stream_is_lost() -> None:
    sent = {"a", "b", "c", "d"}
    assert peak_lost(peak(3), Counter("abcd"), sent) == 0, "one more may have been under way"
    assert peak_lost(peak(3), Counter("ab"), sent) == 1
    assert peak_lost(peak(3, not_2xx=1), Counter("ab"), sent) == 0
    assert peak_lost(peak(3), Counter("abx"), sent) == 1, "somebody else's events prove nothing"


def test_an_event_that_is_there_twice_is_as_bad() -> None:
    assert peak_lost(peak(2), Counter("abb"), {"a", "b"}) == 2
    assert half_lost(Paced(accepted=["a", "b"]), Counter("abb"), str) == 1
    assert half_lost(Paced(accepted=["a", "b"]), Counter("b"), str) == 1


def test_latency_percentiles_are_of_the_answers() -> None:
    paced = Paced(milliseconds=[float(number) for number in range(100, 0, -1)])
    assert (paced.percentile(0.5), paced.percentile(0.99), paced.percentile(1)) == (51, 100, 100)


def test_a_target_is_met_missed_or_not_measured() -> None:
    assert "met" in Target("x", 3.0, 3).row()
    assert "missed" in Target("x", 2.99, 3).row()
    assert "missed" in Target("x", 15.1, 15, most=True).row()
    assert not Target("x", None, 3).met


def test_growth_is_the_trend_and_not_the_noise() -> None:
    assert growth([100.0] * 50) == pytest.approx(0)
    assert growth([100 + place / 49 for place in range(50)]) == pytest.approx(1)
    assert growth([100 + place % 2 for place in range(51)]) == pytest.approx(0, abs=0.1)
    assert settled([*range(10)]) == [*range(2, 10)]


def test_minutes_are_read() -> None:
    assert (minutes("10m"), minutes("90s")) == (600, 90)
    with pytest.raises(ValueError, match="soon"):
        minutes("soon")


def test_turns_of_a_second_make_one_peak() -> None:
    slices = [Peak(100, 1, 1.0, 9.0, 10, 1, 0), Peak(300, 1.5, 2.0, 4.0, 40, 0, 2), Peak(200, 1.5, 3.0, 5.0, 7, 2, 0)]
    assert together(slices) == Peak(600, 4.0, 2.0, 5.0, 40, 3, 2)
    assert together(slices).per_second == 150
