"""Nothing private is ever written down: canaries go through everything that takes input, and then every log is read."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest

from chassis.bus import Bus
from contracts.sms import SmsReceived
from contracts.topology import DEAD_LETTERS, EVENTS, REPLIES
from support import canaries, hostile_requests
from support.canaries import (
    CANARIES,
    FIELD,
    GUESS,
    MEDIA,
    NAME,
    PAGE_PASSWORD,
    PATH,
    PATIENT,
    REASON,
    TEXT,
    TWILIO_TOKEN,
    VOIPMS_PASSWORD,
    VOIPMS_TOKEN,
)
from support.events import text
from support.gateway import BASE_URL
from support.hostile_requests import HEADERS, NO_HTTP, PRACTICE, Sent, signed_form
from support.recordings import Answer, Store, audio, silence
from support.stack import Stack
from support.waiting import eventually

ACCOUNT = "AC00000000000000000000000000000001"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
VOIPMS_API = "/api/v1/rest.php"


def said(http_status: int, /, **body: object) -> Answer:
    return Answer(http_status, json.dumps(body).encode(), {"content-type": "application/json"})


def with_comment(wav: bytes, comment: str) -> bytes:
    """A WAV file with a comment in it, as recorders write them."""
    note = comment.encode() + b"\0" * (2 - len(comment.encode()) % 2)
    info = b"INFOICMT" + len(note).to_bytes(4, "little") + note
    chunks = wav[12:] + b"LIST" + len(info).to_bytes(4, "little") + info
    return b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WAVE" + chunks


@pytest.fixture
def providers() -> Iterator[Store]:
    """Both providers' APIs, whose answers quote patients."""
    store = Store()
    store.lay(
        MESSAGES,
        said(400, code=21211, message=f"{REASON.value} {PATIENT.value}"),
        said(400, code=REASON.value, message=TEXT.value),
        said(401, code=20003, message=REASON.value),
        Answer(500, TEXT.value.encode()),
        said(400, code=PATIENT.value, message=PATIENT.value),
        said(201, sid="SMreply", status="queued", body=TEXT.value),
    )
    store.lay(
        VOIPMS_API,
        said(200, status=REASON.value, message=TEXT.value),
        said(200, status="invalid_credentials", message=REASON.value),
        said(200, status="success", sms=4711),
    )
    store.lay("/REvoice.wav", Answer(body=audio("voicemail.wav")))
    store.lay("/REcomment.wav", Answer(body=with_comment(silence(), TEXT.value)))
    store.lay("/REpage.wav", Answer(body=f"<html>{TEXT.value}</html>".encode(), headers={"content-type": "text/html"}))
    store.lay("/REmoved.wav", Answer(302, headers={"location": MEDIA.value}))
    store.lay("/REgone.wav", Answer(404, REASON.value.encode()))
    yield store
    store.close()


@pytest.fixture
async def stack(open_path: Path, providers: Store) -> AsyncIterator[Stack]:
    """Everything, at its most talkative, with secrets that are canaries as well."""
    stack = Stack(
        open_path,
        LOG_LEVEL="debug",
        WEBHOOK_BASE_URL=BASE_URL,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TWILIO_TOKEN.value,
        TWILIO_PHONE_NUMBER=PRACTICE,
        TWILIO_API_URL=providers.url,
        VOIPMS_USERNAME="front@example.org",
        VOIPMS_PASSWORD=VOIPMS_PASSWORD.value,
        VOIPMS_WEBHOOK_TOKEN=VOIPMS_TOKEN.value,
        VOIPMS_DID=PRACTICE[2:],
        VOIPMS_API_URL=f"{providers.url}{VOIPMS_API}",
        DASHBOARD_PASSWORD=PAGE_PASSWORD.value,
        RATE_LIMIT_FAILURES="off",
        OTEL_SDK_DISABLED="true",
    )
    yield await stack.start()
    stack.stop()


async def ask_for_everything(stack: Stack) -> int:
    """Send all kinds of requests to the gateway; returns how many of them were requests at all."""
    everything = hostile_requests.of_all_kinds()
    async with httpx.AsyncClient(base_url=stack.addresses["GATEWAY_URL"], headers=HEADERS, timeout=30) as http:
        for sent in everything:
            await ask(http, sent)
    port = int(stack.addresses["GATEWAY_URL"].rpartition(":")[2])
    for raw in NO_HTTP:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(raw)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
    return len(everything)


async def ask(http: httpx.AsyncClient, sent: Sent) -> None:
    """Send one request, and see that it is answered as it has to be."""
    answer = await http.request(sent.method, sent.path, content=sent.body, headers=sent.headers)
    status = 200 if answer.is_success else answer.status_code
    assert sent.status in {None, status}, (sent, status, answer.text)


async def ask_for_recordings(stack: Stack, providers: Store) -> None:
    path = "/webhooks/twilio/recording/status"
    async with httpx.AsyncClient(base_url=stack.addresses["GATEWAY_URL"], timeout=30) as http:
        for name in ("REvoice", "REcomment", "REpage", "REmoved", "REgone"):
            form = {"RecordingSid": name, "CallSid": f"CA{name}", "RecordingStatus": "completed"}
            await ask(http, signed_form(path, form | {"RecordingUrl": f"{providers.url}/{name}"}, 200))


async def draw_out_the_providers(stack: Stack) -> None:
    """Texts of many patients, each of whom is owed a reply: so every answer of the providers is heard."""
    async with httpx.AsyncClient(base_url=stack.addresses["GATEWAY_URL"], timeout=30) as http:
        for number in range(8):
            caller = f"+1332555{1200 + number}"
            form = {"MessageSid": f"SMowed{number}", "From": caller, "To": PRACTICE, "Body": f"{TEXT.value} {number}"}
            await ask(http, signed_form("/webhooks/twilio/sms/incoming", form, 200))
            query = {
                "token": VOIPMS_TOKEN.value,
                "id": f"9{number}",
                "from": f"332555{1300 + number}",
                "to": PRACTICE[2:],
            }
            told = await http.get("/api/voip/sms/webhook", params={**query, "message": f"{TEXT.value} {number}"})
            assert told.text == "ok"


async def ask_the_page(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.addresses["RECORDER_URL"], headers=HEADERS, timeout=30) as http:
        for password in (PAGE_PASSWORD.value, GUESS.value):
            for path in ("/", "/api/calls", "/api/messages", f"/{PATH.value}"):
                await http.get(path, params={"limit": TEXT.value}, auth=(NAME.value, password))


async def poison(stack: Stack) -> None:
    """Put on the bus, into the bucket and into the database's way what no service can use."""
    with psycopg.connect(stack.addresses["DATABASE_URL"], autocommit=True) as database:
        database.execute("alter table sms_conversations add constraint picky check (message not like 'poison %')")
        with contextlib.suppress(psycopg.Error):
            database.execute(f"select '{TEXT.value}'::int".encode())
    bus = Bus("operator", stack.addresses["NATS_URL"])
    await bus.connect()
    refused = text(f"poison {TEXT.value}", sid="SMpoison", sender=PATIENT.value, at=datetime.now(UTC))
    claimed = text(TEXT.value, sid="SMclaimed", sender=PATIENT.value, at=datetime.now(UTC))
    await (await bus.js.key_value(REPLIES.name)).put(str(claimed.id), TEXT.value.encode())
    valid = json.loads(claimed.to_json())
    for body in (
        TEXT.value.encode(),
        json.dumps([TEXT.value]).encode(),
        json.dumps({**valid, "id": TEXT.value}).encode(),
        json.dumps({**valid, "time": TEXT.value, "traceparent": PATIENT.value}).encode(),
        json.dumps({**valid, "type": f"frontdesk.{FIELD.value}.v1"}).encode(),
        json.dumps({**valid, "data": {**valid["data"], "metadata": {FIELD.value: [TEXT.value]}}}).encode(),
        json.dumps({**valid, "data": {**valid["data"], "from_number": TEXT.value * 20}}).encode(),
        refused.to_json(),
        claimed.to_json(),
    ):
        await bus.js.publish(SmsReceived.bus_subject, body, stream=EVENTS.name)

    async def set_aside() -> bool:
        return (await bus.js.stream_info(DEAD_LETTERS.name)).state.messages >= 13  # 6 for two consumers, 1 for one

    await eventually(set_aside, within=60)
    await bus.close()


async def lose_the_servers(stack: Stack) -> None:
    """One webhook while NATS is away, and one while the database is."""
    path = "/webhooks/twilio/sms/incoming"
    async with httpx.AsyncClient(base_url=stack.addresses["GATEWAY_URL"], timeout=30) as http:
        for server, noticed in (("nats", "NATS takes no events"), ("postgres", "cannot record")):
            assert stack.command("stop", server).returncode == 0
            form = {"MessageSid": f"SM{server}", "From": PATIENT.value, "To": PRACTICE, "Body": TEXT.value}
            await ask(http, signed_form(path, form, 200))
            await said_in(stack, noticed)
            assert stack.command("start", server).returncode == 0
            await stack.row("select * from sms_conversations where message_sid = %s", form["MessageSid"], within=60)


async def said_in(stack: Stack, words: str) -> None:
    await eventually(lambda: any(words in line for line in stack.output), within=30)


def logs_of(stack: Stack) -> dict[str, str]:
    """Everything that was written down, by where."""
    files = [*(stack.directory / "logs").iterdir(), *stack.data_dir.glob("*/*.log"), *stack.data_dir.glob("*.log")]
    return {"console": "".join(stack.output)} | {str(file): file.read_text(errors="replace") for file in files}


async def test_nothing_private_is_in_any_log(stack: Stack, providers: Store) -> None:
    requests = await ask_for_everything(stack)
    await ask_for_recordings(stack, providers)
    await poison(stack)
    await lose_the_servers(stack)
    await draw_out_the_providers(stack)
    await ask_the_page(stack)
    query = "select * from phone_calls where call_sid = 'CAREvoice' and transcription_text ilike %s"
    await stack.row(query, "%crown%", within=90)
    await stack.row("select * from phone_calls where call_sid = 'CAREpage' and transcription_status = 'failed'")
    await eventually(lambda: len(providers.asked(MESSAGES)) >= 6 and len(providers.asked(VOIPMS_API)) >= 3, within=60)
    patients = stack.rows("select * from sms_conversations where from_number = %s", PATIENT.value)
    assert any(TEXT.value == row["message"] for row in patients)
    assert stack.stop() == 0

    written = logs_of(stack)
    assert {"webhook.log", "postgres.log", "nats.log"} <= {Path(name).name for name in written}
    lines = [json.loads(line) for line in written[str(stack.directory / "logs" / "webhook.log")].splitlines()]
    assert len(lines) >= requests
    assert {line["route"] for line in lines if "route" in line} == {*hostile_requests.TWILIO, *hostile_requests.VOIPMS}
    for service in ("gateway", "recorder", "responder", "transcriber"):
        assert f'"service": "{service}"' in written["console"]
    leaks = [(name, leak) for name, text in written.items() for leak in canaries.found(CANARIES, text)]
    assert leaks == []
    assert "c" * 32 not in "".join(written.values())  # a trace id that the sender chose


def test_a_canary_is_found_in_every_disguise() -> None:
    for disguise in (
        "+13475550178",
        "(347) 555-0178",
        "from%3D%2B13475550178",
        base64.b64encode(b"call +13475550178 now").decode(),
        json.dumps({"text": TEXT.value}),
        f"q={TEXT.value.replace(' ', '+').replace('é', '%C3%A9')}",
        REASON.value.upper(),
    ):
        assert canaries.found(CANARIES, f"a line\nbefore {disguise} after\nanother"), disguise
    assert canaries.found(CANARIES, "***0178 wrote, SM0123456789, 2026-09-07T14:20:46Z") == []
