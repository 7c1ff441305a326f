"""A simulator for tests: the real program's application on a free port, and a client of its control API.

`Gateway` stands where our gateway would be: a small real HTTP server that keeps what it gets and answers as told.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from simulator.serving import serving
from simulator.settings import Settings

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "12345"
TWILIO_NUMBER = "+12125550100"
DID = "2125550100"
VOIPMS_USERNAME = "desk@example.org"
VOIPMS_PASSWORD = "api-secret"
VOIPMS_ACCOUNT = "100000_desk"
VOIPMS_TOKEN = "hook-secret"
PATIENT = "+12125550123"


class Simulator:
    """What tests ask of it. Every method fails with the simulator's own explanation."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.http = http
        """For everything else; relative URLs are the simulator's."""

    async def do(self, path: str, /, **body: Any) -> Any:
        """POST to the control API, e.g. `do("twilio/texts", from_number=…, message=…)`."""
        response = await self.http.post(f"/simulator/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def texts(self, **query: str) -> list[dict[str, Any]]:
        """What our services sent."""
        return await self._asked("texts", query)

    async def webhooks(self, **query: str) -> list[dict[str, Any]]:
        """Attempts to deliver webhooks."""
        return await self._asked("webhooks", query)

    async def rest(self, **query: str) -> list[dict[str, Any]]:
        """Calls of the providers' APIs."""
        return await self._asked("rest", query)

    async def upload(self, name: str, content: bytes, **fields: str) -> None:
        """Keep a recording."""
        response = await self.http.post(
            "/simulator/recordings", data={"name": name, **fields}, files={"file": (name, content)}
        )
        assert response.status_code == 200, response.text

    async def send(self, **fields: str) -> httpx.Response:
        """A text of ours through Twilio."""
        form = {"To": PATIENT, "From": TWILIO_NUMBER, "Body": "hello", **fields}
        return await self.http.post(self.account("Messages.json"), data=form, auth=(ACCOUNT_SID, AUTH_TOKEN))

    def account(self, path: str) -> str:
        """URL of a resource of the Twilio account."""
        return f"{self.url}/2010-04-01/Accounts/{ACCOUNT_SID}/{path}"

    async def voipms(self, method: str, **params: str) -> Any:
        """A call of the VoIP.ms API, the way it works: multipart."""
        fields = {"api_username": VOIPMS_USERNAME, "api_password": VOIPMS_PASSWORD, "method": method, **params}
        response = await self.http.post("/api/v1/rest.php", files={key: (None, value) for key, value in fields.items()})
        assert response.status_code == 200, response.text
        return response.json()

    async def _asked(self, what: str, query: dict[str, str]) -> list[dict[str, Any]]:
        response = await self.http.get(f"/simulator/{what}", params=query)
        found: list[dict[str, Any]] = response.json()
        return found


Handler = Callable[["Received"], Awaitable[Response] | Response]


@dataclass(frozen=True)
class Received:
    """A webhook as it arrived."""

    method: str
    path: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass
class Gateway:
    """Answers `ok` in plain text unless a path has an answer of its own."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)

    def signed(self, request: Received, token: str = AUTH_TOKEN, public: str | None = None) -> bool:
        """What the official validator says."""
        signature = request.headers.get("x-twilio-signature", "")
        form = "application/x-www-form-urlencoded" in request.headers.get("content-type", "")
        body = request.form if form or not request.body else request.body
        return bool(RequestValidator(token).validate((public or self.url) + request.target, body, signature))

    def forms(self, path: str) -> list[dict[str, str]]:
        return [request.form for request in self.received if request.path == path]

    def twiml(self, path: str, body: str) -> None:
        """Answer with this TwiML."""
        document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'
        self.answers[path] = lambda _: Response(document, media_type="text/xml")

    async def answer(self, request: Request) -> Response:
        scope = request.scope
        target = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        body = (await request.body()).decode()
        received = Received(request.method, request.url.path, target, dict(request.headers), body)
        self.received.append(received)
        handler = self.answers.get(received.path)
        if handler is None:
            return (
                Response("ok", media_type="text/plain") if "twilio" not in received.path else Response(status_code=204)
            )
        answer = handler(received)
        return answer if isinstance(answer, Response) else await answer


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Gateway]:
    """A `Gateway` that listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        gateway = Gateway(f"http://127.0.0.1:{bound.getsockname()[1]}")
        app = Starlette(routes=[Route("/{path:path}", gateway.answer, methods=["GET", "POST", "PUT", "DELETE"])])
        server = _Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve(sockets=[bound]))
        yield gateway
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def simulating(gateway_url: str, **settings: Any) -> AsyncIterator[Simulator]:
    """A simulator whose webhooks go to `gateway_url`."""
    values = {
        "simulator_port": 0,
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": SecretStr(AUTH_TOKEN),
        "twilio_phone_number": TWILIO_NUMBER,
        "voipms_username": VOIPMS_USERNAME,
        "voipms_password": SecretStr(VOIPMS_PASSWORD),
        "voipms_did": DID,
        "voipms_account": VOIPMS_ACCOUNT,
        "voipms_webhook_token": SecretStr(VOIPMS_TOKEN),
        "webhook_base_url": gateway_url,
        "gateway_url": gateway_url,
        **settings,
    }
    async with serving(Settings(**values)) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
        yield Simulator(url, http)
