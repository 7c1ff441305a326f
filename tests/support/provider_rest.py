"""Small real HTTP servers that play the providers' REST APIs: sending a text, and listing what was sent."""

import asyncio
import base64
import contextlib
import itertools
import socket
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

EASTERN = ZoneInfo("America/New_York")
SOAP_FAULT = "<?xml version='1.0'?><SOAP-ENV:Envelope><SOAP-ENV:Fault/></SOAP-ENV:Envelope>"


@dataclass(frozen=True)
class Answer:
    """What to answer a send. `after` holds the answer back until it is set.

    A text is kept under the id in `body`, or under `taken` when the answer does not tell.
    """

    status: int
    body: Mapping[str, Any] | str
    after: asyncio.Event | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    taken: str | None = None

    @property
    def sid(self) -> str | None:
        """The id under which the provider keeps the text; None when it took none."""
        told = self.body.get("sid") or self.body.get("sms") if isinstance(self.body, Mapping) else None
        return str(told) if told else self.taken

    def response(self) -> Response:
        """As HTTP."""
        if isinstance(self.body, str):
            return Response(self.body, self.status, headers=dict(self.headers))
        return JSONResponse(dict(self.body), self.status, headers=dict(self.headers))


@dataclass(frozen=True)
class Kept:
    """A text that the provider has."""

    sid: str
    fields: Mapping[str, str]
    at: datetime


@dataclass
class ProviderRest(ABC):
    """What a provider was asked (`sends`, form fields), and what it will answer (`answers`, then success).

    `kept` are the texts it lists, newest first; `list_answers` come before it lists anything.
    """

    url: str = ""
    sends: list[dict[str, str]] = field(default_factory=list)
    came_at: list[float] = field(default_factory=list)
    """When each of them came, in seconds of a monotonic clock."""
    answers: deque[Answer] = field(default_factory=deque)
    kept: list[Kept] = field(default_factory=list)
    lists: int = 0
    list_answers: deque[Answer] = field(default_factory=deque)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @abstractmethod
    def success(self, number: int) -> Answer:
        """How this provider accepts its `number`th text."""

    async def answer(self, fields: dict[str, str]) -> Response:
        """Remember a send and answer it as told."""
        self.sends.append(fields)
        self.came_at.append(time.monotonic())
        answer = self.answers.popleft() if self.answers else self.success(next(self.numbers))
        if answer.sid:
            self.keep(answer.sid, fields)
        if answer.after is not None:
            await answer.after.wait()
        return answer.response()

    def keep(self, sid: str, fields: Mapping[str, str], *, at: datetime | None = None) -> None:
        """Have a text on the list."""
        self.kept.insert(0, Kept(sid, fields, at or datetime.now(UTC)))

    def listing(self, found: Callable[[], Answer]) -> Response:
        """Answer a question for the list."""
        self.lists += 1
        return (self.list_answers.popleft() if self.list_answers else found()).response()


@dataclass
class TwilioRest(ProviderRest):
    """POST /2010-04-01/Accounts/{sid}/Messages.json with basic auth and a form."""

    account_sid: str = "AC00000000000000000000000000000001"
    auth_token: str = "twilio-secret-token"

    def success(self, number: int) -> Answer:
        return Answer(201, {"sid": f"SM{number:032x}", "status": "queued", "error_code": None})

    def refuse(self, status: int, code: int) -> None:
        """Answer the next send with one of Twilio's errors."""
        self.answers.append(Answer(status, {"code": code, "message": "no", "status": status}))

    async def messages(self, request: Request) -> Response:
        """Create a message, or list those between two numbers."""
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        if request.method == "GET":
            return self.listing(lambda: self._listed(request.query_params))
        async with request.form() as form:
            return await self.answer({name: str(value) for name, value in form.items()})

    def _listed(self, query: Mapping[str, str]) -> Answer:
        found = [
            {
                "sid": kept.sid,
                "status": "delivered",
                "direction": "outbound-api",
                "body": kept.fields["Body"],
                "date_created": format_datetime(kept.at),
                "date_sent": None,
            }
            for kept in self.kept
            if (kept.fields["To"], kept.fields["From"]) == (query["To"], query["From"])
        ]
        return Answer(200, {"messages": found, "next_page_uri": None})

    def route(self) -> Route:
        """Where messages are created."""
        return Route(f"/2010-04-01/Accounts/{self.account_sid}/Messages.json", self.messages, methods=["GET", "POST"])


@dataclass
class VoipMsRest(ProviderRest):
    """rest.php: HTTP 200 whatever happens, and a SOAP fault for urlencoded POSTs."""

    username: str = "front@example.com"
    password: str = "voipms-secret-password"

    def success(self, number: int) -> Answer:
        return Answer(200, {"status": "success", "sms": 23433 + number})

    def status(self, status: str) -> None:
        """Answer the next send with one of VoIP.ms' statuses."""
        self.answers.append(Answer(200, {"status": status}))

    async def rest(self, request: Request) -> Response:
        """One API call."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return Response(SOAP_FAULT, 500, media_type="text/xml")
        async with request.form() as form:
            fields = {name: str(value) for name, value in form.items()}
        if (fields.pop("api_username", ""), fields.pop("api_password", "")) != (self.username, self.password):
            return JSONResponse({"status": "invalid_credentials"})
        match fields.pop("method", ""):
            case "sendSMS":
                return await self.answer(fields)
            case "getSMS":
                return self.listing(lambda: self._listed(fields))
        return JSONResponse({"status": "invalid_method"})

    def _listed(self, query: Mapping[str, str]) -> Answer:
        found = [
            {
                "id": kept.sid,
                "date": f"{kept.at.astimezone(EASTERN):%Y-%m-%d %H:%M:%S}",
                "type": "0",
                "did": kept.fields["did"],
                "contact": kept.fields["dst"],
                "message": kept.fields["message"],
                "carrier_status": "Message delivered to handset.",
            }
            for kept in self.kept
            if (kept.fields["did"], kept.fields["dst"]) == (query["did"], query["contact"])
            and query["from"] <= f"{kept.at.astimezone(EASTERN):%Y-%m-%d}" <= query["to"]
        ]
        return Answer(200, {"status": "success", "sms": found} if found else {"status": "no_sms"})

    def route(self) -> Route:
        """Where everything is done."""
        return Route("/api/v1/rest.php", self.rest, methods=["POST"])


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave signals to pytest."""
        yield


@contextlib.asynccontextmanager
async def _served(app: Starlette) -> AsyncIterator[str]:
    bound = socket.create_server(("127.0.0.1", 0))
    server = _Server(
        uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def providers_rest() -> AsyncIterator[tuple[TwilioRest, VoipMsRest]]:
    """Both APIs on loopback; `url` is TWILIO_API_URL or VOIPMS_API_URL."""
    twilio, voipms = TwilioRest(), VoipMsRest()
    async with _served(Starlette(routes=[twilio.route(), voipms.route()])) as url:
        twilio.url, voipms.url = url, f"{url}/api/v1/rest.php"
        yield twilio, voipms
