"""Stopping, killing, restarting: nothing is lost, nothing is done twice, nothing is left behind."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ops.embedded.children import family
from support.stack import Stack
from support.waiting import eventually

REPLIES = "select * from sms_conversations where in_reply_to = %s and direction = 'outbound'"
MESSAGE = "select * from sms_conversations where message_sid = %s"
CALL = "select * from phone_calls where call_sid = %s"
QUESTION = {"from_number": "+12125550191", "message": "When are you open?"}


@pytest.fixture(scope="module")
def stack(open_folders: Callable[[], Path]) -> Iterator[Stack]:
    running = asyncio.run(Stack(open_folders()).start())
    yield running
    running.stop()


def order(stack: Stack, *words: str) -> None:
    ran = stack.command(*words)
    assert ran.returncode == 0, ran.stderr


def texts_to(stack: Stack, number: str) -> int:
    return sum(text["to_number"].endswith(number[-10:]) for text in stack.simulator("/texts"))


@pytest.mark.parametrize("service", ["recorder", "responder"])
async def test_a_stopped_service_does_its_part_once_when_it_is_back(stack: Stack, service: str) -> None:
    order(stack, "stop", service)
    sent = [
        stack.simulator("/twilio/texts", {**QUESTION, "from_number": number, "delivery": {"repeat": 2}})
        for number in ("+12125550192", "+12125550193")
    ]
    assert all(attempt["status"] == 200 for text in sent for attempt in text["attempts"])
    order(stack, "start", service)
    for text in sent:
        await stack.row(REPLIES, text["message_sid"])
        assert len(stack.rows(REPLIES, text["message_sid"])) == 1
    assert len(stack.rows(f"{MESSAGE} and category = 'hours'", sent[0]["message_sid"])) == 1


async def test_a_stopped_transcriber_does_its_part_when_it_is_back(stack: Stack) -> None:
    order(stack, "stop", "transcriber")
    call = stack.simulator("/twilio/calls", {"from_number": "+12125550194", "recording": "voicemail"})
    await stack.row(f"{CALL} and transcription_status = 'pending'", call["call_sid"])
    order(stack, "start", "transcriber")
    query = f"{CALL} and transcription_status = 'completed'"
    row = await stack.row(query, call["call_sid"], within=90)
    assert "crown" in row["transcription_text"]


async def test_without_a_bus_webhooks_are_kept_and_take_effect_once_when_it_is_back(stack: Stack) -> None:
    order(stack, "stop", "nats")
    sent = [stack.simulator("/twilio/texts", {**QUESTION, "delivery": {"repeat": 2}}) for _ in range(2)]
    assert {attempt["status"] for text in sent for attempt in text["attempts"]} == {200}
    call = stack.simulator("/twilio/calls", {"from_number": "+12125550195", "recording": "voicemail"})
    assert {attempt["status"] for attempt in call["attempts"]} <= {200, 204}
    ready = httpx.get(f"{stack.addresses['GATEWAY_OPS_URL']}/readyz")
    assert ready.is_success
    assert ready.json()["degraded"]["nats"] == "not connected to NATS"
    order(stack, "start", "nats")
    for text in sent:
        await stack.row(REPLIES, text["message_sid"], within=30)
        assert len(stack.rows(REPLIES, text["message_sid"])) == 1
    await stack.row(CALL, call["call_sid"], within=20)
    assert (stack.data_dir / "spool").is_dir()


async def test_a_stopped_database_loses_nothing(stack: Stack) -> None:
    order(stack, "stop", "postgres")
    sent = stack.simulator("/twilio/texts", {**QUESTION, "from_number": "+12125550196"})
    assert sent["attempts"][0]["status"] == 200
    await eventually(lambda: texts_to(stack, "+12125550196") == 1)
    order(stack, "start", "postgres")
    await stack.row(REPLIES, sent["message_sid"], within=60)
    assert len(stack.rows(REPLIES, sent["message_sid"])) == 1


async def test_a_killed_service_is_told_and_started_again(stack: Stack) -> None:
    before = stack.pids()["gateway"]
    os.kill(before, signal.SIGKILL)
    await eventually(lambda: stack.pids().get("gateway", before) != before, within=20)
    assert any("gateway ended with -9" in line for line in stack.output)
    await eventually(lambda: httpx.get(f"{stack.addresses['GATEWAY_OPS_URL']}/readyz").is_success, within=20)


async def test_a_process_that_cannot_hear_is_killed_when_it_has_to_stop(stack: Stack) -> None:
    os.kill(stack.pids()["gateway"], signal.SIGSTOP)
    order(stack, "stop", "gateway")
    assert "gateway" not in stack.pids()
    order(stack, "start", "gateway")
    await eventually(lambda: httpx.get(f"{stack.addresses['GATEWAY_OPS_URL']}/readyz").is_success, within=20)


def alive(pids: dict[str, int]) -> list[str]:
    return [name for name, pid in pids.items() if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)]


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def test_a_second_start_finds_its_data_and_a_stop_leaves_no_process(open_path: Path) -> None:
    stack = await Stack(open_path, http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9").start()
    sent = stack.simulator("/twilio/texts", QUESTION)
    await stack.row(REPLIES, sent["message_sid"], within=20)
    pids = stack.pids()
    assert stack.stop(signal.SIGINT) == 0
    assert alive(pids) == []
    assert not (stack.data_dir / "run" / "status.json").exists()
    await stack.start()
    assert len(stack.rows(REPLIES, sent["message_sid"])) == 1
    assert stack.stop() == 0


async def test_nothing_is_left_of_a_database_that_hangs(open_path: Path) -> None:
    stack = await Stack(open_path, ENABLE_TRANSCRIPTION="false").start()
    hanging = family(stack.pids()["postgres"])
    assert len(hanging) > 3
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)
    assert stack.stop() == 0
    assert alive({str(pid): pid for pid in hanging}) == []
    await stack.start()
    assert stack.rows("select 1 as one") == [{"one": 1}]
    assert stack.stop() == 0


async def test_a_killed_supervisor_leaves_no_process(open_path: Path) -> None:
    stack = await Stack(open_path, ENABLE_TRANSCRIPTION="false").start()
    pids = stack.pids()
    stack.stop(signal.SIGKILL)
    await eventually(lambda: not alive(pids), within=20)


async def test_two_stacks_do_not_share_a_data_directory(stack: Stack) -> None:
    second = stack.command("up")
    assert second.returncode == 1
    assert "DATA_DIR" in second.stderr
    assert stack.pids()


def test_a_wrong_setting_stops_it_before_anything_starts(open_path: Path) -> None:
    stack = Stack(open_path, TWILIO_AUTH_TOKN="x", LOG_LEVEL="info")
    ran = stack.command("up")
    assert ran.returncode == 2
    assert "TWILIO_AUTH_TOKN is not a setting; did you mean TWILIO_AUTH_TOKEN?" in ran.stderr
