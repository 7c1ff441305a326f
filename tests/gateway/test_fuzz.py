"""Whatever arrives, the gateway answers and goes on: no 5xx, no error in its log, in the process that is deployed."""

import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.openapi import document
from support.backends import NatsServer
from support.gateway import BASE_URL, TOKEN, VOIPMS_TOKEN, sdk_signature, sign
from support.gateway_process import GatewayProcess, gateway_process

API = schemathesis.openapi.from_dict(document())
OPERATIONS = [found.ok() for found in API.get_all_operations() if isinstance(found, Ok)]
PATHS = [operation.path for operation in OPERATIONS]
FORM = "application/x-www-form-urlencoded"

fixed = hypothesis_settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=250,
    suppress_health_check=list(HealthCheck),
)
"""The same requests in every run: what fails here fails everywhere."""


@pytest.fixture
async def process(nats: NatsServer, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    environment = {"VOIPMS_WEBHOOK_TOKEN": VOIPMS_TOKEN, "RATE_LIMIT_FAILURES": "off"}
    async with gateway_process(tmp_path, nats.url("gateway"), **environment) as running:
        yield running


def healthy(process: GatewayProcess) -> None:
    """It still takes a webhook, found no defect of its own, and logged nothing but JSON without errors."""
    url = str(process.http.base_url)
    form = {"MessageSid": "SM1", "From": "+12125550123", "To": "+12125550100", "Body": "Hello"}
    path = "/webhooks/twilio/sms/incoming"
    answer = httpx.post(f"{url}{path}", data=form, headers={"x-twilio-signature": sign(path, form)}, trust_env=False)
    assert answer.status_code == 200
    lines = [json.loads(line) for line in (process.directory / "gateway.out").read_text().splitlines()]
    assert [line for line in lines if line["level"] not in ("info", "warning")] == []
    assert {line["outcome"] for line in process.log_lines()} & {"defect", "rejected", "unavailable"} == set()


def prepared(case: Case[Any], base: str, *, proven: bool) -> requests.PreparedRequest:
    """The request as it will be on the wire, signed over exactly that or given the token."""
    request = requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()
    if "voip" in case.path:
        if proven:
            request.prepare_url(request.url or "", {"token": VOIPMS_TOKEN})
        return request
    body = request.body or b""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    is_form = str(request.headers.get("Content-Type", "")).startswith(FORM)
    pairs = parse_qsl(text, keep_blank_values=True) if is_form else []
    request.headers["X-Twilio-Signature"] = sdk_signature(
        TOKEN if proven else "a guess", BASE_URL + request.path_url, pairs
    )
    return request


def test_every_request_that_its_document_allows_or_forbids_gets_a_documented_answer(process: GatewayProcess) -> None:
    base = str(process.http.base_url)
    strategies = [op.as_strategy(generation_mode=mode) for op in OPERATIONS for mode in GenerationMode]
    statuses: set[int] = set()
    with requests.Session() as session:
        session.trust_env = False

        @fixed
        @given(case=st.one_of(strategies), proven=st.booleans())
        def answered(case: Case[Any], proven: bool) -> None:
            answer = session.send(prepared(case, base, proven=proven), timeout=20)
            statuses.add(answer.status_code)
            assert answer.status_code < 500
            if answer.content:  # what is no HTTP is refused before there is anything to document
                case.validate_response(
                    answer, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
                )

        answered()
    assert statuses >= {200, 204, 400, 403}
    healthy(process)


token = st.text("ABCabc-_!", min_size=1, max_size=8).map(str.encode)
junk = st.binary(max_size=40)
methods = st.sampled_from([b"POST", b"GET", b"HEAD", b"PUT", b"OPTIONS", b"CONNECT", b"post", b"PRI", b""]) | token
targets = st.builds(
    lambda path, query: path + query,
    st.sampled_from([path.encode() for path in PATHS])
    | st.sampled_from([b"/", b"*", b"//", b"/%00", b"/..%2f", b"http://x/"])
    | junk,
    st.sampled_from([b"", b"?", b"?token=" + VOIPMS_TOKEN.encode(), b"?bodySHA256=%ff", b"?%zz=%", b"?a;b&=&&"])
    | junk.map(lambda text: b"?" + text),
)
header_values = st.sampled_from(
    [b"", b"\xff\xfe", b"A" * 27 + b"=", b"x" * 70_000, b"a\x00b", b"-1", b"99999999999999999999", b"chunked",
     b"gzip, chunked", b"100-continue", b"websocket", b"close, Upgrade", b"203.0.113.5," * 500, b"[::1", b"for=x",
     FORM.encode(), b"application/json; charset=\xff", b"key=,algorithm=HMAC_SHA256", b"\tfolded\r\n value"]
) | junk  # fmt: skip
headers = st.tuples(
    st.sampled_from(
        [b"Host", b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"X-Twilio-Signature", b"Expect",
         b"X-Twilio-Webhooks-Signature-Settings", b"X-Forwarded-For", b"Forwarded", b"Connection", b"Upgrade"]
    )
    | token,
    header_values,
)  # fmt: skip
forms = st.dictionaries(
    st.sampled_from(["MessageSid", "From", "To", "Body", "CallSid", "CallStatus", "from", "to", "id"]), st.text()
)
bodies = (
    junk
    | st.binary(max_size=2_000)
    | forms.map(lambda form: urlencode(form, errors="replace").encode())
    | forms.map(lambda form: json.dumps(form).encode())
    | st.sampled_from([b"{" * 5_000, b'{"data":{"event_type":"message.received"}}', b"&" * 5_000, b"%ff=%00" * 50])
    | st.lists(junk, max_size=4).map(
        lambda parts: b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
    )
)


@st.composite
def raw_requests(draw: st.DrawFn) -> bytes:
    """Requests from nearly right to nonsense."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=400))
    body = draw(bodies)
    lines = [
        b"%s %s %s"
        % (draw(methods), draw(targets), draw(st.sampled_from([b"HTTP/1.1"] * 4 + [b"HTTP/1.0", b"HTTP/9", b""])))
    ]
    lines += [b"%s: %s" % header for header in draw(st.lists(headers, max_size=6))]
    lines += [b"Content-Length: %d" % len(body)] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    return b"\r\n".join([*lines, b"", body]) * draw(st.sampled_from([1, 1, 1, 2, 20]))


def exchanged(port: int, sent: bytes) -> bytes:
    """What comes back in the next moments."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.settimeout(0.03)
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65_536):
                received += chunk
        except (TimeoutError, ConnectionError):
            pass
    return received


def test_no_bytes_make_it_stumble(process: GatewayProcess) -> None:
    port = process.http.base_url.port
    assert port is not None
    statuses: set[bytes] = set()

    @fixed
    @given(sent=raw_requests())
    def survived(sent: bytes) -> None:
        found = re.findall(rb"HTTP/1\.1 (\d{3})", exchanged(port, sent))
        statuses.update(found)
        assert [status for status in found if status >= b"500"] == []

    survived()
    assert statuses >= {b"400", b"403", b"404", b"405"}
    healthy(process)
