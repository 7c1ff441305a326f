"""The smallest ASGI application that does the job: check Twilio's signature, publish, await the PubAck, answer.

It has our server, event loop and way to publish, and nothing else: no framework, no limits, no log, no metrics, no
validation, no second token, no other form of the URL. What it carries is what one process of this make can carry.
"""

import asyncio
import base64
import contextlib
import hmac
import json
import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from chassis.bus import Bus
from chassis.encoding import Encoded
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


def build(settings: GatewaySettings) -> Service:
    """Our process around an application that is not ours."""
    bus = Bus("gateway", settings.nats_url.get_secret_value(), publish_only=True)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        signed = URL + "".join(name + value for name, value in sorted(form.items())).encode()
        signature = base64.b64encode(hmac.digest(TOKEN, signed, "sha1"))
        if not hmac.compare_digest(signature, dict(scope["headers"])[b"x-twilio-signature"]):
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        sid = form["MessageSid"]
        event = {"id": sid, "from": form["From"], "to": form["To"], "message": form["Body"]}
        await bus.send(
            Encoded(event_id("twilio", "sms", sid, "received"), SUBJECT, json.dumps(event).encode()), seconds=2
        )
        await send(START)
        await send(BODY)

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
