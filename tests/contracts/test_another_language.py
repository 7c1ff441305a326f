"""The example in docs: a consumer in bash that has nothing but the schema, against a real NATS server."""

import asyncio
import contextlib
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chassis.bus import Bus
from contracts.examples import examples_of
from contracts.sms import SmsReceived
from support.backends import NatsServer
from support.contracts import deliver, of_unknown_type, with_news
from support.events import text

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "examples" / "read_texts.sh"
SCHEMA: dict[str, Any] = json.loads((ROOT / "contracts" / "schemas" / "frontdesk.sms.received.v1.json").read_text())

PATIENT = "+12125550123"
HARD = text('"}]\\ {"message_sid":"SMfake"} ☺ \n\0' + "x" * 15_000, sid="SMhard", sender=PATIENT)


@contextlib.asynccontextmanager
async def reading(url: str, how_many: int) -> AsyncIterator[Process]:
    """The script, listening."""
    environment = {"PATH": os.environ["PATH"], "NATS_URL": url}
    process = await asyncio.create_subprocess_exec(SCRIPT, str(how_many), stdout=PIPE, stderr=PIPE, env=environment)
    assert process.stderr is not None
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def printed(process: Process) -> list[str]:
    """All lines, once it has ended well."""
    out, err = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()


async def listening(process: Process) -> None:
    assert process.stderr is not None
    assert await asyncio.wait_for(process.stderr.readline(), 10) == b"listening\n"


async def test_it_reads_texts_and_passes_over_what_it_need_not_know(nats: NatsServer, operator: Bus) -> None:
    minimal, full = examples_of(SmsReceived)
    received = await operator.client.subscribe(SmsReceived.bus_subject)
    async with reading(nats.url(), 4) as process:
        await listening(process)
        for event in (minimal, full):
            await operator.publish(event)
        await deliver(operator, SmsReceived, minimal.to_json(), of_unknown_type(SmsReceived))
        await deliver(operator, SmsReceived, b"no JSON", b'{"type":', b'{"a" 1}', b"")
        await deliver(operator, SmsReceived, with_news(text(sid="SMnews", sender="26266").to_json()), HARD.to_json())
        assert await printed(process) == [
            "110997718 from ***0123",
            f"{full.data.message_sid} from ***0123",
            "SMnews from ***6266",
            "SMhard from ***0123",
        ]
    for _ in (minimal, full):
        message = await received.next_msg(timeout=5)
        Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            json.loads(message.data)
        )
    await received.unsubscribe()


async def test_it_relies_only_on_what_the_schema_promises() -> None:
    data = SCHEMA["properties"]["data"]
    data = SCHEMA["$defs"][data["$ref"].rpartition("/")[2]] if "$ref" in data else data
    assert {"id", "type", "data"} <= set(SCHEMA["required"])
    assert {"message_sid", "from_number"} <= set(data["required"])


async def test_it_says_what_is_wrong(nats: NatsServer) -> None:
    async with reading(f"nats://operator:wrong@127.0.0.1:{nats.port}", 1) as process:
        _, err = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 1
        assert b"Authorization Violation" in err
    async with reading("127.0.0.1", 1) as process:
        _, err = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 2
        assert b"NATS_URL" in err


@pytest.mark.parametrize("shown", [SCRIPT.name, "frontdesk.sms.received.v1.json", "test_another_language.py"])
def test_its_readme_speaks_of_it(shown: str) -> None:
    assert shown in (SCRIPT.parent / "README.md").read_text()
