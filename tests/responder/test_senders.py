"""The providers' answers and what they mean, over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from responder.senders.http import client
from responder.senders.port import Accepted, NotSent, Outcome, Unknown
from responder.senders.twilio import Twilio
from responder.senders.voipms import VoipMs
from support.provider_rest import Answer, TwilioRest, VoipMsRest, providers_rest

OURS, PATIENT = "+12125550150", "+12125550123"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as made:
        yield made


@pytest.fixture
async def providers() -> AsyncIterator[tuple[TwilioRest, VoipMsRest]]:
    async with providers_rest() as doubles:
        yield doubles


@pytest.fixture
def twilio(providers: tuple[TwilioRest, VoipMsRest]) -> TwilioRest:
    return providers[0]


@pytest.fixture
def voipms(providers: tuple[TwilioRest, VoipMsRest]) -> VoipMsRest:
    return providers[1]


async def by_twilio(http: httpx.AsyncClient, double: TwilioRest, **changes: Any) -> Outcome:
    account = {"api_url": double.url, "account_sid": double.account_sid, "auth_token": double.auth_token}
    sender = Twilio(http, **{**account, "status_callback": None, **changes})
    return await sender.send(sender=OURS, recipient=PATIENT, text="Hi & bye + é")


async def by_voipms(http: httpx.AsyncClient, double: VoipMsRest, recipient: str = PATIENT, **changes: Any) -> Outcome:
    account = {"api_url": double.url, "username": double.username, "password": double.password}
    return await VoipMs(http, **{**account, **changes}).send(sender=OURS, recipient=recipient, text="Hi & bye + é")


async def test_twilio_is_asked_as_its_api_wants_it(http: httpx.AsyncClient, twilio: TwilioRest) -> None:
    assert await by_twilio(http, twilio) == Accepted(f"SM{1:032x}", "queued")
    assert twilio.sends == [{"From": OURS, "To": PATIENT, "Body": "Hi & bye + é"}]


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (429, 20429, NotSent("20429", try_again=True)),
        (429, 63038, NotSent("63038")),
        (400, 21611, NotSent("21611", try_again=True)),
        (401, 20003, NotSent("20003", misconfigured=True)),
        (401, 0, NotSent("http_401", misconfigured=True)),
        (400, 21610, NotSent("21610", opted_out=True)),
        (400, 21609, Unknown("21609")),
        (400, 21211, NotSent("21211")),
        (400, 21614, NotSent("21614")),
        (404, 20404, NotSent("20404")),
        (408, 0, Unknown("http_408")),
        (500, 20500, Unknown("http_500")),
        (503, 20503, Unknown("http_503")),
        (302, 0, Unknown("http_302")),
    ],
)
async def test_twilios_refusals(
    http: httpx.AsyncClient, twilio: TwilioRest, status: int, code: int, outcome: Outcome
) -> None:
    twilio.refuse(status, code)
    assert await by_twilio(http, twilio) == outcome
    assert len(twilio.sends) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(201, {"status": "queued"}), Unknown("accepted_without_sid")),
        (Answer(201, "<html>"), Unknown("accepted_without_sid")),
        (Answer(429, "busy"), NotSent("http_429", try_again=True)),
        (Answer(403, "<html>"), NotSent("http_403")),
    ],
)
async def test_answers_that_are_not_twilios(
    http: httpx.AsyncClient, twilio: TwilioRest, answer: Answer, outcome: Outcome
) -> None:
    twilio.answers.append(answer)
    assert await by_twilio(http, twilio) == outcome


async def test_a_code_that_is_none_is_not_repeated(
    http: httpx.AsyncClient, twilio: TwilioRest, voipms: VoipMsRest
) -> None:
    for words in ("the number 3475550178 said no", "3475550178", "x" * 65, "Café"):
        twilio.answers.append(Answer(400, {"code": words, "message": words}))
        voipms.status(words)
        assert await by_twilio(http, twilio) == NotSent("no_code")
        assert await by_voipms(http, voipms) == NotSent("no_code")


async def test_wrong_credentials_send_nothing(http: httpx.AsyncClient, twilio: TwilioRest, voipms: VoipMsRest) -> None:
    assert await by_twilio(http, twilio, auth_token="old") == NotSent("20003", misconfigured=True)
    assert await by_voipms(http, voipms, password="old") == NotSent("invalid_credentials", misconfigured=True)


async def test_voipms_is_asked_as_its_api_wants_it(http: httpx.AsyncClient, voipms: VoipMsRest) -> None:
    assert await by_voipms(http, voipms) == Accepted("23434", "sent")
    assert voipms.sends == [{"did": OURS[2:], "dst": PATIENT[2:], "message": "Hi & bye + é"}]


@pytest.mark.parametrize(
    ("status", "try_again"),
    [
        ("api_limit_exceeded", True),
        ("method_maintenance", True),
        *[
            (status, False)
            for status in (
                "limit_reached", "sms_failed", "sms_toolong", "message_empty", "invalid_dst", "invalid_did", "no_did",
                "sms_apply_regulations", "sms_wait_message", "non_sufficient_funds", "something_new",
            )
        ],
    ],
)  # fmt: skip
async def test_statuses_of_voipms(http: httpx.AsyncClient, voipms: VoipMsRest, status: str, try_again: bool) -> None:
    voipms.status(status)
    assert await by_voipms(http, voipms) == NotSent(status, try_again=try_again)
    assert len(voipms.sends) == 1


@pytest.mark.parametrize("status", ["invalid_credentials", "missing_credentials", "api_not_enabled", "ip_not_enabled"])
async def test_voipms_refusing_us_is_told_from_voipms_refusing_a_text(
    http: httpx.AsyncClient, voipms: VoipMsRest, status: str
) -> None:
    voipms.status(status)
    assert await by_voipms(http, voipms) == NotSent(status, misconfigured=True)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, {"status": "success", "sms": "23999"}), Accepted("23999", "sent")),
        (Answer(200, {"status": "success", "sms": 0}), NotSent("success_without_sms")),
        (Answer(200, {"status": "success", "sms": "0"}), NotSent("success_without_sms")),
        (Answer(200, {"status": "success"}), NotSent("success_without_sms")),
        (Answer(200, {}), Unknown("answer_without_status")),
        (Answer(200, ""), Unknown("answer_without_status")),
        (Answer(200, "[1]"), Unknown("answer_without_status")),
        (Answer(502, "bad gateway"), Unknown("http_502")),
        (Answer(429, ""), NotSent("http_429", try_again=True)),
        (Answer(403, ""), NotSent("http_403")),
    ],
)
async def test_other_answers_of_voipms(
    http: httpx.AsyncClient, voipms: VoipMsRest, answer: Answer, outcome: Outcome
) -> None:
    voipms.answers.append(answer)
    assert await by_voipms(http, voipms) == outcome


async def test_voipms_reaches_north_america_only(http: httpx.AsyncClient, voipms: VoipMsRest) -> None:
    assert await by_voipms(http, voipms, recipient="+442079460000") == NotSent("invalid_dst")
    assert voipms.sends == []


async def test_nobody_listening_is_surely_not_sent(http: httpx.AsyncClient, twilio: TwilioRest) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = await by_twilio(http, twilio, api_url=f"http://127.0.0.1:{port}")
    assert outcome == NotSent("ConnectError", try_again=True)


async def test_a_connection_that_breaks_after_the_request_is_unknown(
    http: httpx.AsyncClient, twilio: TwilioRest
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await by_twilio(http, twilio, api_url=f"http://127.0.0.1:{port}")
    assert isinstance(outcome, Unknown)
