"""The smallest ASGI application that does the job: check Twilio's signature, publish, await the PubAck, answer.

It has our server, event loop and way to publish, and nothing else: no framework, no limits, no log, no metrics, no
validation, no second token, no other form of the URL. What it carries is what one process of this make can carry; with
`--past-asgi` it has no ASGI either, as the gateway.
"""

import asyncio
import base64
import contextlib
import hmac
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl

from chassis.bus import Bus
from chassis.encoding import Encoded
from chassis.http import Answer
from chassis.process import Service, main
from chassis.serving import Address, Listener
from contracts import event_id
from contracts.sms import SmsReceived
from gateway.settings import GatewaySettings

URL = (os.environ.get("WEBHOOK_BASE_URL", "") + "/webhooks/twilio/sms/incoming").encode()
TOKEN = os.environ.get("TWILIO_AUTH_TOKEN", "").encode()
SUBJECT = SmsReceived.bus_subject
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/xml"), (b"content-length", b"11")],
}
BODY = {"type": "http.response.body", "body": b"<Response/>"}
OK = Answer(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 11\r\n", b"<Response/>")
FORBIDDEN = Answer(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n", b"")
UNAVAILABLE = Answer(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n", b"")


def event_of(scope: Any, body: bytes) -> Encoded | None:
    """What a webhook says; None when Twilio did not sign it."""
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    signed = URL + "".join(name + value for name, value in sorted(form.items())).encode()
    signature = base64.b64encode(hmac.digest(TOKEN, signed, "sha1"))
    if not hmac.compare_digest(signature, dict(scope["headers"])[b"x-twilio-signature"]):
        return None
    sid = form["MessageSid"]
    event = {"id": sid, "from": form["From"], "to": form["To"], "message": form["Body"]}
    return Encoded(event_id("twilio", "sms", sid, "received"), SUBJECT, json.dumps(event).encode())


class Smallest:
    """The application."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        message = await receive()
        body = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        event = event_of(scope, body)
        if event is None:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        await self._bus.send(event, seconds=2)
        await send(START)
        await send(BODY)


class PastAsgi(Smallest):
    """The same as our server can have it, and as the gateway is: see `chassis.http.AtOnce`."""

    def at_once(self, scope: Any, body: bytes, answer: Callable[[Answer], None]) -> bool:
        """Answer."""
        event = event_of(scope, body)
        if event is None:
            answer(FORBIDDEN)
            return True
        return self._bus.begin(event, lambda error: answer(UNAVAILABLE if error else OK), seconds=2)


def build(settings: GatewaySettings) -> Service:
    """Our process around an application that is not ours; `--past-asgi` says which one."""
    bus = Bus("gateway", settings.nats_url.get_secret_value(), publish_only=True)
    app = PastAsgi(bus) if "--past-asgi" in sys.argv else Smallest(bus)

    @contextlib.asynccontextmanager
    async def work() -> AsyncIterator[None]:
        connecting = asyncio.create_task(bus.connect())
        yield
        connecting.cancel()
        await bus.close()

    address = Address(settings.gateway_host, settings.gateway_port, "GATEWAY_PORT")
    return Service(
        name="ceiling",
        settings=settings,
        ops=(settings.gateway_ops_port, "GATEWAY_OPS_PORT"),
        work=work,
        checks={"nats": bus.problem},
        listeners=(Listener(app, address),),
    )


if __name__ == "__main__":
    main("ceiling", GatewaySettings, build)
