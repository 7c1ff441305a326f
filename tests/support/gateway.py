"""A gateway for tests: the real application over real HTTP, publishing to a real NATS."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from chassis.bus import Bus
from chassis.encoding import Encoded
from chassis.serving import Server
from contracts import UnknownEvent, decode_event
from contracts.registry import AnyEvent
from gateway.app import web
from gateway.edge.body import DEFAULT_LIMITS, Limits
from gateway.edge.request_log import RequestLog
from gateway.exchange import Publish
from gateway.providers import PROVIDERS, Provide
from gateway.providers.base import Parsed
from gateway.publishing.publisher import DEADLINE_SECONDS, Durable
from gateway.publishing.storing import Storing
from gateway.settings import GatewaySettings
from gateway.under_way import UnderWay
from support.events import NOON
from support.waiting import eventually

TOKEN = "twilio-canary-token"
NEXT_TOKEN = "twilio-canary-token-after-rotation"
BASE_URL = "https://gw.example.org"
VOIPMS_TOKEN = "voipms-canary-secret"
REQUESTS = Path(__file__).parents[1] / "gateway" / "requests"


def settings(**changes: object) -> GatewaySettings:
    """Both providers configured; `changes` as in the environment."""
    values: dict[str, object] = {
        "webhook_base_url": BASE_URL,
        "twilio_auth_token": TOKEN,
        "twilio_auth_token_next": NEXT_TOKEN,
        "voipms_webhook_token": VOIPMS_TOKEN,
        "voipms_did": "2125550100",
    }
    return GatewaySettings.model_validate(values | changes)


def sign(path: str, form: Mapping[str, str], *, token: str = TOKEN, base: str = BASE_URL) -> str:
    """The signature Twilio's own library makes."""
    return str(RequestValidator(token).compute_signature(base + path, dict(form)))


def sdk_signature(token: str, url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The same for any URL and form."""
    return str(RequestValidator(token).compute_signature(url, FormData([*pairs])))


def sdk_accepts(token: str, url: str, content: Iterable[tuple[str, str]] | str, signature: str) -> bool:
    """What Twilio's own library says of a request with this form, or with this JSON body."""
    params = content if isinstance(content, str) else FormData([*content])
    return bool(RequestValidator(token).validate(url, params, signature))


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    port: int
    http: httpx.AsyncClient
    log_file: Path
    requests: RequestLog
    under_way: UnderWay

    async def twilio(self, path: str, form: Mapping[str, str], *, signature: str | None = None) -> httpx.Response:
        """POST a form as Twilio does; signed by its own library unless a signature is given."""
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": sign(path, form) if signature is None else signature,
        }
        return await self.http.post(path, content=urlencode(form), headers=headers)

    async def exchange(self, request: bytes, *, whole: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Send recorded bytes, half of the body later unless `whole`; status, headers and body of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        start, separator, content = request.partition(b"\r\n\r\n")
        first = request if whole else start + separator + content[: len(content) // 2]
        writer.write(first)
        if len(first) < len(request):
            await eventually(lambda: self.under_way.exchanges)
            writer.write(request[len(first) :])
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        writer.close()
        return int(head[0].split()[1]), headers, body

    def log_lines(self) -> list[dict[str, Any]]:
        """What the request log holds."""
        assert self.requests.flush(10)
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]


@contextlib.asynccontextmanager
async def serving(
    bus: Bus,
    log_file: Path,
    configured: GatewaySettings | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    providers: Sequence[Provide] = PROVIDERS,
) -> AsyncIterator[Gateway]:
    """Serve on a free port, with a spool beside the log file; the clock stands at noon."""
    storing = Storing(bus, log_file.parent / "spool", 50_000_000)
    made = answering(storing.publisher.begin, log_file, configured, limits=limits, providers=providers)
    async with storing.running(), made as gateway:
        yield gateway


@contextlib.asynccontextmanager
async def answering(
    publish: Publish,
    log_file: Path,
    configured: GatewaySettings | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    providers: Sequence[Provide] = PROVIDERS,
) -> AsyncIterator[Gateway]:
    """Like `serving`, with something else to publish through."""
    requests, under_way = RequestLog(log_file), UnderWay()
    configured = configured or settings()
    app = web(configured, publish, requests, under_way, providers=providers, limits=limits, now=lambda: NOON)
    server = Server(app)
    bound = socket.create_server(("127.0.0.1", 0))
    port: int = bound.getsockname()[1]
    task = asyncio.create_task(server.serve(sockets=[bound]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
        yield Gateway(port, client, log_file, requests, under_way)
    server.should_exit = True
    await task
    await under_way.end(DEADLINE_SECONDS)
    requests.close()


def slow(publish: Callable[[Sequence[Encoded]], Awaitable[Durable]]) -> Publish:
    """To publish through a coroutine."""
    return lambda events, settled: settled(publish(events))


async def published(operator: Bus) -> list[tuple[str, AnyEvent]]:
    """Every event in the stream, with its subject, in order."""
    state = (await operator.js.stream_info("EVENTS")).state
    messages = [await operator.js.get_msg("EVENTS", seq) for seq in range(1, state.last_seq + 1)]
    return [(str(message.subject), _decoded(message.data)) for message in messages]


def events(parsed: Parsed) -> tuple[AnyEvent, ...]:
    """What a webhook states, as consumers will read it."""
    return tuple(_decoded(stated.encoded.body) for stated in parsed.stated)


def _decoded(body: bytes | None) -> AnyEvent:
    event = decode_event(body or b"")
    assert not isinstance(event, UnknownEvent)
    return event
