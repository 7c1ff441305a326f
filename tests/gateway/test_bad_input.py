"""What is refused, and that nothing of it reaches the bus."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

from chassis.bus import Bus
from gateway.edge.body import Limits
from support.gateway import NEXT_TOKEN, VOIPMS_TOKEN, Gateway, published, serving, settings, sign

SMS = {"MessageSid": "SM1", "From": "+12125550123", "To": "+12125550100", "Body": "Hello"}
CALL = {"CallSid": "CA1", "CallStatus": "ringing", "From": "+12125550123", "To": "+12125550100"}
RECORDING = {"RecordingSid": "RE1", "RecordingUrl": "https://api.twilio.com/x", "RecordingStatus": "completed"}
TWILIO = {
    "/voice/incoming": CALL,
    "/voice/julie/incoming": CALL,
    "/voice/voicemail/done": CALL,
    "/webhooks/twilio/voice/status": CALL,
    "/webhooks/twilio/recording/status": RECORDING,
    "/webhooks/twilio/sms/incoming": SMS,
    "/webhooks/twilio/sms/status": SMS | {"MessageStatus": "sent"},
}
LIVE = ("/voice/incoming", "/voice/julie/incoming", "/voice/voicemail/done")
VOIPMS_ROUTES = (
    "/api/voip/sms/webhook",
    "/webhooks/voipms/sms/incoming",
    "/webhooks/voipms/call/cdr",
    "/webhooks/voipms/recording/ready",
)
TEXT = {"from": "2125550123", "to": "2125550100", "message": "Hello", "id": "1", "disposition": "answered"}
FORBIDDEN = {"error": {"code": "forbidden", "message": "forbidden"}}


async def test_what_twilio_did_not_sign_is_refused(gateway: Gateway, operator: Bus) -> None:
    for path, form in TWILIO.items():
        signatures = {
            "empty": "",
            "wrong": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            "another token": sign(path, form, token="another"),
            "the Host header's URL": sign(path, form, base=f"http://127.0.0.1:{gateway.port}"),
            "another route": sign(path + "/", form),
            "altered body": sign(path, form | {"From": "+12125550199"}),
            "a parameter dropped": sign(path, form | {"Extra": "x"}),
        }
        for why, signature in signatures.items():
            answer = await gateway.twilio(path, form, signature=signature)
            assert (answer.status_code, answer.json()) == (403, FORBIDDEN), (path, why)
        unsigned = await gateway.http.post(path, data=form)
        assert (unsigned.status_code, unsigned.json()) == (403, FORBIDDEN), path
    assert await published(operator) == []
    assert {line["outcome"] for line in gateway.log_lines()} == {"refused"}


async def test_a_signed_query_must_arrive_as_it_was_signed(gateway: Gateway) -> None:
    path = "/webhooks/twilio/sms/incoming"
    signed = sign(f"{path}?b=1&a=x+y", SMS)
    assert (await gateway.twilio(f"{path}?b=1&a=x+y", SMS, signature=signed)).status_code == 200
    assert (await gateway.twilio(f"{path}?a=x+y&b=1", SMS, signature=signed)).status_code == 403
    assert (await gateway.twilio(f"{path}?b=1&a=x%20y", SMS, signature=signed)).status_code == 403


async def test_the_next_token_is_accepted_too(gateway: Gateway) -> None:
    path = "/webhooks/twilio/sms/incoming"
    answer = await gateway.twilio(path, SMS, signature=sign(path, SMS, token=NEXT_TOKEN))
    assert answer.status_code == 200


async def test_without_a_token_nobody_is_twilio(bus: Bus, tmp_path: Path) -> None:
    closed = settings(twilio_auth_token=None, twilio_auth_token_next=None, webhook_base_url=None)
    async with serving(bus, tmp_path / "webhook.log", closed) as gateway:
        for path, form in TWILIO.items():
            assert (await gateway.twilio(path, form, signature=sign(path, form, token=""))).status_code == 403


LISTED = {"voipms_allowed_ips": "203.0.113.0/24", "voipms_webhook_token": None}
SENT = f"token={VOIPMS_TOKEN}"
Sender = tuple[str | None, str, int]
"""X-Forwarded-For, query, expected status."""
VOIPMS: list[tuple[dict[str, object], list[Sender]]] = [
    ({"voipms_webhook_token": None}, [(None, "", 403), (None, "token=", 403)]),
    ({}, [(None, "", 403), (None, "token=wrong", 403), (None, SENT + "é", 403), (None, SENT, 200)]),
    ({"voipms_webhook_token": None, "voipms_allowed_ips": "127.0.0.0/8"}, [(None, "", 200)]),
    ({**LISTED}, [(None, "", 403), ("203.0.113.5", "", 403)]),
    ({**LISTED, "voipms_webhook_token": VOIPMS_TOKEN}, [(None, SENT, 403)]),
    ({"voipms_allowed_ips": "127.0.0.1"}, [(None, "token=wrong", 403), (None, SENT, 200)]),
    (
        {**LISTED, "trusted_proxies": "127.0.0.1/32"},
        [
            ("203.0.113.5", "", 200),
            ("198.51.100.7, 203.0.113.5", "", 200),
            ("203.0.113.5, 198.51.100.7", "", 403),
            ("garbage", "", 403),
            (None, "", 403),
        ],
    ),
]


async def test_voipms_is_known_by_address_and_token(bus: Bus, operator: Bus, tmp_path: Path) -> None:
    case = stored = 0
    for configured, senders in VOIPMS:
        async with serving(bus, tmp_path / "webhook.log", settings(**configured)) as gateway:
            for forwarded, query, status in senders:
                case += 1
                for path in VOIPMS_ROUTES:
                    answer = await gateway.http.post(
                        f"{path}?{query}",
                        json=TEXT | dict.fromkeys(("id", "uniqueid", "recording_id"), f"{path}{case}"),
                        headers={"x-forwarded-for": forwarded} if forwarded else {},
                    )
                    assert answer.status_code == status, (configured, forwarded, query, path)
                    assert answer.text == ("ok" if status == 200 else json.dumps(FORBIDDEN))
                stored += len(VOIPMS_ROUTES) if status == 200 else 0
                assert len(await published(operator)) == stored, (configured, forwarded, query)


def without(form: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in names}


MALFORMED = [
    ("/webhooks/twilio/sms/incoming", without(SMS, "MessageSid"), "MessageSid"),
    ("/webhooks/twilio/sms/incoming", SMS | {"MessageSid": " "}, "MessageSid"),
    ("/webhooks/twilio/sms/incoming", without(SMS, "From"), "From"),
    ("/webhooks/twilio/sms/incoming", without(SMS, "To"), "To"),
    ("/webhooks/twilio/sms/incoming", SMS | {"From": "x" * 129}, "From"),
    ("/webhooks/twilio/sms/incoming", SMS | {"MessageSid": "S" * 129}, "MessageSid"),
    ("/webhooks/twilio/sms/incoming", SMS | {"Body": "x" * 20_001}, "Body"),
    ("/webhooks/twilio/sms/status", SMS, "MessageStatus"),
    ("/webhooks/twilio/sms/status", {"MessageStatus": "sent"}, "MessageSid"),
    ("/webhooks/twilio/sms/status", SMS | {"SmsStatus": "x" * 65}, "MessageStatus"),
    ("/webhooks/twilio/voice/status", without(CALL, "CallSid"), "CallSid"),
    ("/webhooks/twilio/voice/status", without(CALL, "CallStatus"), "CallStatus"),
    ("/webhooks/twilio/voice/status", CALL | {"CallStatus": "x" * 65}, "CallStatus"),
    ("/webhooks/twilio/voice/status", CALL | {"CallSid": "x" * 129}, "CallSid"),
    ("/webhooks/twilio/recording/status", without(RECORDING, "RecordingSid"), "RecordingSid"),
    ("/webhooks/twilio/recording/status", without(RECORDING, "RecordingUrl"), "RecordingUrl"),
    ("/webhooks/twilio/recording/status", without(RECORDING, "RecordingStatus"), "RecordingStatus"),
    ("/webhooks/voipms/sms/incoming", without(TEXT, "from"), "from"),
    ("/api/voip/sms/webhook", without(TEXT, "to"), "to"),
    ("/api/voip/sms/webhook", TEXT | {"id": "1" * 129}, "id"),
    ("/api/voip/sms/webhook", TEXT | {"message": "x" * 20_001}, "message"),
    ("/webhooks/voipms/call/cdr", TEXT, "uniqueid"),
    ("/webhooks/voipms/call/cdr", {"uniqueid": "1"}, "disposition"),
    ("/webhooks/voipms/call/cdr", {"uniqueid": "1", "disposition": "x" * 65}, "disposition"),
    ("/webhooks/voipms/recording/ready", {"call_id": "1"}, "recording_id"),
]


async def test_what_is_missing_or_too_long_is_named(gateway: Gateway, operator: Bus) -> None:
    for path, form, field in MALFORMED:
        if path in TWILIO:
            answer = await gateway.twilio(path, form)
        else:
            answer = await gateway.http.post(f"{path}?token={VOIPMS_TOKEN}", data=form)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["field"]) == (400, "malformed", field), (path, error)
        assert field in error["message"]
    assert await published(operator) == []
    assert {line["outcome"] for line in gateway.log_lines()} == {"malformed"}


async def test_broken_json_is_malformed_and_never_an_error_of_ours(gateway: Gateway) -> None:
    url = f"/webhooks/voipms/sms/incoming?token={VOIPMS_TOKEN}"
    for body in (b"{", b"[1]", b"{" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b'"from"', b"null", b"1" * 9_999):
        answer = await gateway.http.post(url, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "body"), body[:9]


async def test_what_the_bus_could_never_take_is_not_asked_for_again(gateway: Gateway, operator: Bus) -> None:
    url = f"/webhooks/voipms/sms/incoming?token={VOIPMS_TOKEN}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    statuses = []
    for size in range(148_000, 150_001, 100):  # every character takes six bytes of an event: 900,000 are reached here
        body = f"from=2125550123&to=2125550100&id={size}&other=".encode() + b"\x01" * size
        statuses.append((await gateway.http.post(url, content=body, headers=headers)).status_code)
    assert set(statuses) == {200, 400}
    assert len(await published(operator)) == statuses.count(200)


async def test_a_live_call_is_answered_even_when_its_webhook_is_malformed(gateway: Gateway, operator: Bus) -> None:
    for path in LIVE:
        answer = await gateway.twilio(path, {"Direction": "inbound"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        assert "</Response>" in answer.text
    assert await published(operator) == []
    outcomes = [(line["outcome"], line.get("detail")) for line in gateway.log_lines()]
    assert outcomes[:2] == [("malformed", "CallSid is missing")] * 2


async def test_a_body_beyond_the_limit_is_refused_before_anything_else(gateway: Gateway, operator: Bus) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b"x" * 65_536

    for body in (b"x" * 2_000_000, chunks(), b"x" * (256 * 1024 + 1)):
        for path in ("/webhooks/twilio/sms/incoming", "/webhooks/voipms/sms/incoming", "/voice/incoming"):
            if isinstance(body, bytes):
                answer = await gateway.http.post(path, content=body)
            else:
                answer = await gateway.http.post(path, content=chunks())
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    at_the_limit = await gateway.http.post("/webhooks/twilio/sms/incoming", content=b"x" * 256 * 1024)
    assert at_the_limit.status_code == 403
    assert await published(operator) == []


async def test_the_limit_holds_for_a_body_that_comes_in_one_piece_as_well(
    bus: Bus, operator: Bus, tmp_path: Path
) -> None:
    body = urlencode(SMS)
    for size, status in ((len(body), 200), (len(body) - 1, 413)):
        async with serving(bus, tmp_path / f"{status}.log", limits=Limits(size=size)) as gateway:
            assert (await gateway.twilio("/webhooks/twilio/sms/incoming", SMS)).status_code == status
    assert len(await published(operator)) == 1


async def test_a_body_that_does_not_arrive_is_not_waited_for(bus: Bus, tmp_path: Path) -> None:
    request = b"POST /webhooks/twilio/sms/incoming HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nBody="
    async with serving(bus, tmp_path / "webhook.log", limits=Limits(seconds=0.2)) as gateway:
        async with asyncio.timeout(5):
            status, headers, body = await gateway.exchange(request)
        assert (status, headers["connection"], json.loads(body)["error"]["code"]) == (408, "close", "too_slow")


async def test_who_is_shut_out_is_told_for_how_long_and_fills_no_log(bus: Bus, tmp_path: Path) -> None:
    limited = settings(rate_limit_failures="3/minute")
    async with serving(bus, tmp_path / "webhook.log", limited) as gateway:
        answers = [await gateway.twilio("/voice/incoming", CALL, signature="A" * 27 + "=") for _ in range(20)]
        answers += [await gateway.http.post("/webhooks/voipms/sms/incoming", data=TEXT) for _ in range(20)]
        assert [answer.status_code for answer in answers] == [403] * 3 + [429] * 37
        assert all(0 < int(answer.headers["retry-after"]) <= 60 for answer in answers[3:])
        assert {answer.json()["error"]["code"] for answer in answers[3:]} == {"too_many_requests"}
        assert (await gateway.twilio("/voice/incoming", CALL)).status_code == 200
        assert [line["outcome"] for line in gateway.log_lines()] == ["refused"] * 3 + ["accepted"]


async def test_a_body_that_trickles_buys_no_time_and_keeps_nobody_waiting(bus: Bus, tmp_path: Path) -> None:
    head = b"POST /webhooks/twilio/sms/incoming HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    async with serving(bus, tmp_path / "webhook.log", limits=Limits(seconds=1.0)) as gateway:

        async def trickle() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(head)
            answer = asyncio.create_task(reader.readline())
            while not answer.done():
                writer.write(b"x")
                await asyncio.sleep(0.05)
            writer.close()
            return answer.result()

        slow = [asyncio.create_task(trickle()) for _ in range(100)]
        assert (await gateway.twilio("/webhooks/twilio/sms/incoming", SMS)).status_code == 200
        assert {(await sender).split()[1] for sender in slow} == {b"408"}


async def test_other_methods_and_routes_do_not_exist(gateway: Gateway) -> None:
    statuses = {
        ("GET", "/webhooks/twilio/sms/incoming"): (405, "method_not_allowed"),
        ("PUT", "/api/voip/sms/webhook"): (405, "method_not_allowed"),
        ("GET", "/webhooks/voipms/call/cdr"): (405, "method_not_allowed"),
        ("POST", "/webhooks/twilio/sms/incoming/"): (404, "not_found"),
        ("POST", "/webhooks/twilio"): (404, "not_found"),
        ("GET", "/docs"): (404, "not_found"),
        ("GET", "/openapi.json"): (404, "not_found"),
    }
    for (method, path), expected in statuses.items():
        answer = await gateway.http.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == expected, path
    assert (await gateway.http.head("/api/voip/sms/webhook")).status_code == 405


async def test_signed_json_is_no_form(gateway: Gateway) -> None:
    path = "/webhooks/twilio/sms/incoming?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    headers = {"content-type": "application/json", "x-twilio-signature": sign(path, {})}
    answer = await gateway.http.post(path, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "MessageSid")
    assert (await gateway.http.post(path, content=b"{ }", headers=headers)).status_code == 403
    assert (await gateway.http.post(path, content=urlencode(SMS), headers=headers)).status_code == 403


async def test_a_number_where_an_id_should_be_is_masked(gateway: Gateway) -> None:
    url = f"/webhooks/voipms/sms/incoming?token={VOIPMS_TOKEN}"
    assert (await gateway.http.post(url, json=TEXT | {"id": "3475559876"})).text == "ok"
    assert gateway.log_lines()[0]["sid"] == "***9876"
