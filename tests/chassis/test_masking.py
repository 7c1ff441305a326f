"""What may be written down."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.masking import mask_id, mask_number, scrub


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+12125550123", "***0123"), ("2125550123", "***0123"), ("72345", "72345"), (None, ""), ("anonymous", "***mous")],
)
def test_a_number_keeps_its_last_four_characters(number: str | None, shown: str) -> None:
    assert mask_number(number) == shown


@pytest.mark.parametrize(
    "text",
    [
        "call +1 (212) 555-0123 now",
        "from=2125550123",
        "to 1-212-555-0123.",
        "sms:+12125550123",
        "+442071838750 called",
    ],
)
def test_numbers_in_any_writing_are_masked(text: str) -> None:
    digits = "".join(c for c in scrub(text) if c.isdigit())
    assert "555" not in digits
    assert "7183" not in digits


@pytest.mark.parametrize(
    "text",
    [
        "nats://gateway:pw_abc@127.0.0.1:4222",
        "/api/voip?token=hunter2&x=1",
        "api_password=hunter2",
        "Signature=hunter2",
    ],
)
def test_credentials_are_masked(text: str) -> None:
    assert "hunter2" not in scrub(text)
    assert "pw_abc" not in scrub(text)


@pytest.mark.parametrize(
    "text",
    ["b7dbd39c-a16c-5d9a-8fb5-4fa5ce5d6d8a", "SM11111111111111111111111111111111", "2026-09-07T14:20:46Z", "128238059"],
)
def test_ids_and_times_stay_readable(text: str) -> None:
    assert scrub(text) == text


def test_an_id_is_shown_only_if_it_is_one() -> None:
    assert mask_id("SM11111111111111111111111111111111") == "SM11111111111111111111111111111111"
    assert mask_id("3475550178") == "***0178"
    assert mask_id("my tooth hurts") == mask_id("") == mask_id("x" * 65) == "(no id)"


@given(st.integers(2_000_000_000, 9_999_999_999))
def test_no_e164_number_survives(number: int) -> None:
    assert str(number) not in scrub(f"sent to +1{number} just now")


LOGGING = """
from chassis import logs
logs.configure("demo", level="debug")
log = logs.get("demo.x")
log.info("sent", to="+12125550123", nested={"from": ["2125550123"]})
from chassis.failures import Refused
for error in (Refused("bad +12125550123"), ValueError("my tooth hurts"), FileNotFoundError(2, "no such file")):
    try:
        raise error
    except Exception as raised:
        log.warning("failed", exc_info=raised)
import asyncio, logging
logging.getLogger("library").warning("peer +12125550123 said token=hunter2")
logging.getLogger("library").debug("body: my tooth hurts")
async def forgotten():
    raise ValueError("my tooth hurts")
async def forget():
    task = asyncio.create_task(forgotten())
    await asyncio.sleep(0)
asyncio.run(forget())
with logs.about(event_id="E1", trace_id=None):
    log.debug("inside")
"""


def test_log_lines_are_json_and_scrubbed_also_from_libraries() -> None:
    ran = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["event"] for line in lines] == [
        "sent",
        *["failed"] * 3,
        "peer ***0123 said token=***",
        "Task exception was never retrieved",
        "inside",
    ]
    assert all(line["service"] == "demo" for line in lines)
    errors = ["Refused: bad ***0123", "ValueError", "FileNotFoundError: [Errno 2] no such file"]
    assert [line["error"] for line in lines[1:4]] == errors
    assert (lines[-2]["error"], lines[-1]["event_id"]) == ("ValueError", "E1")
    assert "tooth" not in ran.stdout + ran.stderr
    assert "2125550123" not in ran.stdout + ran.stderr
    assert "hunter2" not in ran.stdout + ran.stderr
