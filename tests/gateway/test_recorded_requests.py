"""Requests as the providers send them, byte for byte, with the answer and the events each must lead to.

Beside every `requests/**/NAME.http` lies `NAME.json`: `status`, `type` and `body` of the answer, and the events in the
stream afterwards. `time` is left out of an event where it is the time of receipt.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.bus import Bus
from support.events import NOON
from support.gateway import REQUESTS, TOKEN, VOIPMS_TOKEN, Gateway, published

RECORDED = sorted(REQUESTS.rglob("*.http"))


def sensitive(expected: dict[str, Any]) -> set[str]:
    """What no log may hold: the request's numbers and words, and our secrets."""
    facts = [event["data"] for event in expected["events"]]
    numbers = {fact.get(name, "") for fact in facts for name in ("from_number", "to_number")}
    bare = {number.removeprefix("+1") if len(number) == 12 else number for number in numbers if len(number) > 5}
    words = {fact.get("message", "") for fact in facts}
    return {TOKEN, VOIPMS_TOKEN} | (bare - {"anonymous"}) | (words - {""})


async def outcome(gateway: Gateway, operator: Bus, request: Path, *, whole: bool) -> dict[str, Any]:
    """What comes of a request that arrives as a whole, or, if it has a body, with half of it later."""
    status, headers, body = await gateway.exchange(request.read_bytes(), whole=whole)
    answer = {"status": status, "type": headers.get("content-type", ""), "body": body.decode()}
    return answer | {"events": [told(subject, event) for subject, event in await published(operator)]}


def told(subject: str, event: Any) -> dict[str, Any]:
    time = {} if event.time == NOON else {"time": event.time.isoformat()}
    return {"subject": subject, **time, "data": event.data.model_dump(mode="json", exclude_none=True)}


@pytest.mark.parametrize("request_file", RECORDED, ids=[f"{file.parent.name}/{file.stem}" for file in RECORDED])
async def test_a_recorded_request_is_answered_and_published(
    gateway: Gateway, operator: Bus, request_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = json.loads(request_file.with_suffix(".json").read_text())
    assert await outcome(gateway, operator, request_file, whole=True) == expected
    repeated = await outcome(gateway, operator, request_file, whole=False)
    assert repeated == expected, "a repeat must get the same answer and store nothing new, however it comes in"
    assert gateway.requests.flush(10)
    written = gateway.log_file.read_text() + "".join(capfd.readouterr())
    assert {secret for secret in sensitive(expected) if secret in written} == set()
    assert len(gateway.log_lines()) == 2
