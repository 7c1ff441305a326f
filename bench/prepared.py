"""Signed webhooks, each a different text, as Twilio sends them."""

import base64
import hmac
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

PUBLIC_URL = "https://gw.example.org"
PATH = "/webhooks/twilio/sms/incoming"
TOKEN = "bench-auth-token"  # noqa: S105 - of nobody's account

_WORDS = (
    "Hi, can I come in on Tuesday at 10:30? My tooth hurts a little.",
    "Do you take Delta Dental?",
    "Running 10 minutes late, sorry!",
    "¿Tienen cita para mañana por la tarde?",
    "Please confirm my appointment for the 14th. Thank you, and have a nice weekend :)",
)


@dataclass(frozen=True)
class Prepared:
    """One webhook, ready to be sent."""

    sid: str
    signature: str
    body: str

    def wire(self, host: str) -> bytes:
        """The HTTP request."""
        return (
            f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
            f"X-Twilio-Signature: {self.signature}\r\nI-Twilio-Idempotency-Token: {self.sid[2:]}\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n{self.body}"
        ).encode()


def prepared(seed: int) -> Iterator[Prepared]:
    """Webhooks without end; no two of them alike, the same ones for the same `seed`."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        form = _form(f"SM{chance.getrandbits(128):032x}", f"+1212555{chance.randrange(10_000):04d}", chance)
        yield Prepared(form["MessageSid"], _signature(form), urlencode(form))


def _form(sid: str, sender: str, chance: random.Random) -> dict[str, str]:
    place = {"City": "NEW YORK", "State": "NY", "Zip": "10001", "Country": "US"}
    return {
        **{f"To{name}": value for name, value in place.items()},
        **{f"From{name}": value for name, value in place.items()},
        **dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), sid),
        "AccountSid": "AC" + "1" * 32,
        "MessagingServiceSid": "MG" + "2" * 32,
        "From": sender,
        "To": "+12125550100",
        "Body": chance.choice(_WORDS),
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }


def _signature(form: dict[str, str]) -> str:
    signed = PUBLIC_URL + PATH + "".join(name + value for name, value in sorted(form.items()))
    return base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")).decode()


def write(file: Path, seed: int, count: int, host: str) -> list[str]:
    """Requests for wrk: a line with the number of bytes, then the bytes, `count` times. Returns their MessageSids."""
    sids = []
    with file.open("wb") as out:
        for webhook in islice(prepared(seed), count):
            wire = webhook.wire(host)
            out.write(b"%d\n%b" % (len(wire), wire))
            sids.append(webhook.sid)
    return sids
