"""The same in Flask, as Twilio's documentation has it: a decorator around RequestValidator, and nats-py in a thread."""

import asyncio
import json
import os
import threading
from collections.abc import Callable
from functools import wraps

import nats
from flask import Flask, Response, abort, request
from nats.js import JetStreamContext
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

PATH = "/webhooks/twilio/sms/incoming"
URL = os.environ["WEBHOOK_BASE_URL"] + PATH

app = Flask(__name__)
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


async def connect() -> JetStreamContext:
    """JetStream, on the loop of the other thread."""
    return (await nats.connect(os.environ["NATS_URL"])).jetstream()


js = asyncio.run_coroutine_threadsafe(connect(), loop).result()


def validate_twilio_request(handle: Callable[[], Response]) -> Callable[[], Response]:
    """Twilio docs: "Secure your Flask app by validating incoming Twilio requests"."""

    @wraps(handle)
    def decorated() -> Response:
        if not validator.validate(URL, request.form, request.headers.get("X-TWILIO-SIGNATURE", "")):
            abort(403)
        return handle()

    return decorated


@app.post(PATH)
@validate_twilio_request
def incoming() -> Response:
    """Publish, await the PubAck, answer."""
    sid = request.form["MessageSid"]
    event = {"id": sid, "from": request.form["From"], "to": request.form["To"], "message": request.form["Body"]}
    publish = js.publish("events.sms.received", json.dumps(event).encode(), headers={"Nats-Msg-Id": sid})
    asyncio.run_coroutine_threadsafe(publish, loop).result(5)
    return Response("<Response/>", mimetype="text/xml")
