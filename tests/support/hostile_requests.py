"""Requests to every route of the gateway, authentic and not, well formed and not, all full of canaries."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from support.canaries import (
    FIELD,
    GUESS,
    HEADER,
    MEDIA,
    NAME,
    OTHER_PATIENT,
    PATH,
    PATIENT,
    TEXT,
    TWILIO_TOKEN,
    VOIPMS_TOKEN,
)
from support.gateway import sign

PRACTICE = "+12125550100"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PEOPLE = {"From": PATIENT.value, "To": PRACTICE, "Caller": PATIENT.value, "ForwardedFrom": OTHER_PATIENT.value}
ABOUT = {"CallerName": NAME.value, "FromCity": NAME.value, "MediaUrl0": MEDIA.value, "NumMedia": "1"}
IDS = ("CallSid", "MessageSid", "RecordingSid")
EXTRA = {FIELD.value: TEXT.value, TEXT.value: NAME.value}
TWILIO = {
    "/voice/incoming": {"CallSid": "CA{}", "CallStatus": "ringing"},
    "/voice/julie/incoming": {"CallSid": "CB{}", "CallStatus": "ringing"},
    "/voice/voicemail/done": {"CallSid": "CC{}", "CallStatus": "in-progress", "RecordingSid": "RC{}"},
    "/webhooks/twilio/voice/status": {"CallSid": "CD{}", "CallStatus": "completed"},
    "/webhooks/twilio/recording/status": {
        "RecordingSid": "RE{}",
        "RecordingUrl": MEDIA.value,
        "RecordingStatus": "completed",
    },
    "/webhooks/twilio/sms/incoming": {"MessageSid": "SM{}", "Body": TEXT.value},
    "/webhooks/twilio/sms/status": {"MessageSid": "ST{}", "MessageStatus": "sent", "ErrorMessage": TEXT.value},
}
VOIPMS = {
    "/api/voip/sms/webhook": {"id": "1{}", "message": TEXT.value, "media": MEDIA.value},
    "/webhooks/voipms/sms/incoming": {"id": "2{}", "message": TEXT.value, "media": MEDIA.value},
    "/webhooks/voipms/call/cdr": {"uniqueid": "3{}", "disposition": "answered", "description": TEXT.value},
    "/webhooks/voipms/recording/ready": {"recording_id": "rec4{}", "call_id": "5", "callerid": NAME.value},
}
VOIPMS_PEOPLE = {"from": PATIENT.value[2:], "to": PRACTICE[2:], "callerid": PATIENT.value, "destination": PRACTICE}


@dataclass(frozen=True)
class Sent:
    """A request, and what it has to be answered: 200 stands for any success, None for anything."""

    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    method: str = "POST"


def signed_form(path: str, form: Mapping[str, str], status: int | None, *, token: str = TWILIO_TOKEN.value) -> Sent:
    """A request as Twilio makes it; signed with another `token`, it is not."""
    headers = {"content-type": FORM, "x-twilio-signature": sign(path, form, token=token)}
    return Sent(path, urlencode(form).encode(), headers, status)


def _filled(form: Mapping[str, str], number: int) -> dict[str, str]:
    return {name: value.format(number) if "{}" in value else value for name, value in form.items()}


def _to_twilio_routes() -> Iterator[Sent]:
    query = urlencode({FIELD.value: TEXT.value})
    for number, (path, needed) in enumerate(TWILIO.items()):
        form = {**PEOPLE, **ABOUT, **EXTRA, **_filled(needed, number)}
        live = path.startswith("/voice/")
        yield signed_form(path, form, 200)
        yield signed_form(f"{path}?{query}", _filled(form, number), 200)
        yield signed_form(path, form, 403, token=GUESS.value)
        yield Sent(path, urlencode(form).encode(), {"content-type": FORM, "x-twilio-signature": GUESS.value}, 403)
        yield signed_form(path, {**PEOPLE, **EXTRA}, 200 if live else 400)
        yield signed_form(path, form | dict.fromkeys(("From", "MessageStatus", *IDS), TEXT.value * 9), None)
        yield signed_form(
            path, form | {"CallSid": NAME.value, "MessageSid": TEXT.value, "RecordingSid": TEXT.value}, 200
        )
        yield Sent(path, json.dumps({"From": TEXT.value}).encode(), {"content-type": JSON}, 403)
        yield Sent(path, b"\xff\xfe%ff" + TEXT.value.encode("utf-16"), {"content-type": f"{FORM}; charset=x"}, 403)


def _to_voipms_routes() -> Iterator[Sent]:
    token, guess = f"token={VOIPMS_TOKEN.value}", f"token={GUESS.value}"
    for number, (path, needed) in enumerate(VOIPMS.items()):
        fields = {**VOIPMS_PEOPLE, **EXTRA, **_filled(needed, number)}
        again = {name: f"{value}7" if name.endswith("id") else value for name, value in fields.items()}
        nested = {**fields, TEXT.value: {FIELD.value: [TEXT.value]}, "from": {"number": PATIENT.value}}
        for body, kind, status in (
            (json.dumps(fields).encode(), JSON, 200),
            (urlencode(again).encode(), FORM, 200),
            (json.dumps(nested).encode(), JSON, None),
            (json.dumps({**fields, "id": PATIENT.value, "uniqueid": TEXT.value}).encode(), JSON, 200),
            (json.dumps({FIELD.value: TEXT.value}).encode(), JSON, 400),
            (f'{{"{FIELD.value}": "{TEXT.value}"'.encode(), JSON, 400),
            (f'["{TEXT.value}"]'.encode(), JSON, 400),
            (TEXT.value.encode("utf-16"), JSON, 400),
            (urlencode({**fields, "message": TEXT.value * 600}).encode(), FORM, None),
            (TEXT.value.encode() * 9_000, FORM, 413),
        ):
            yield Sent(f"{path}?{token}", body, {"content-type": kind}, status)
        yield Sent(f"{path}?{guess}&{urlencode(fields)}", b"", {}, 403)
        yield Sent(f"{path}?{urlencode(fields)}", json.dumps(fields).encode(), {"content-type": JSON}, 403)
        yield Sent(f"{path}?{token};{quote(TEXT.value)}={quote(NAME.value)}", b"", {}, 400)


def _elsewhere() -> Iterator[Sent]:
    yield Sent(f"/{PATH.value}/{quote(PATIENT.value)}?q={quote(TEXT.value)}", method="GET", status=404)
    yield Sent(f"/webhooks/twilio/sms/incoming/{PATH.value}", TEXT.value.encode(), status=404)
    yield Sent(f"/voice/incoming?{quote(TEXT.value)}", method="DELETE", status=405)
    yield Sent(f"/webhooks/twilio/sms/incoming?{GUESS.value * 900}", status=None)


def of_all_kinds() -> list[Sent]:
    """Everything."""
    return [*_to_twilio_routes(), *_to_voipms_routes(), *_elsewhere()]


HEADERS = {
    "user-agent": HEADER.value,
    "referer": f"https://example.org/{PATH.value}",
    "cookie": f"session={GUESS.value}",
    "authorization": f"Bearer {GUESS.value}",
    "x-forwarded-for": HEADER.value,
    "x-request-id": HEADER.value,
    "traceparent": f"00-{'c' * 32}-{'d' * 16}-01",
}
"""Sent along with everything."""

NO_HTTP = (
    f"GET /{PATH.value} {TEXT.value} HTTP/9.9\r\n\r\n".encode(),
    f"POST /voice/incoming HTTP/1.1\r\nHost: x\r\n{TEXT.value}\r\n\r\n".encode(),
    f"POST /voice/incoming HTTP/1.1\r\nHost: x\r\nContent-Length: {GUESS.value}\r\n\r\n".encode(),
    b"\x16\x03\x01" + TEXT.value.encode(),
    f"POST /voice/incoming HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nBody={TEXT.value}".encode(),
)
"""Bytes that are no request, or half of one."""
