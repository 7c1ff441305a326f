"""The providers' answers and what they mean, over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from responder.senders.http import client
from responder.senders.port import Accepted, CannotTell, Listed, Meaning, NotSent, Outcome, Unknown
from responder.senders.twilio import Twilio
from responder.senders.voipms import VoipMs
from support.events import NOON
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


def twilios(http: httpx.AsyncClient, double: TwilioRest, **changes: Any) -> Twilio:
    account = {"api_url": double.url, "account_sid": double.account_sid, "auth_token": double.auth_token}
    return Twilio(http, **{**account, "status_callback": None, **changes})


def voipmss(http: httpx.AsyncClient, double: VoipMsRest, **changes: Any) -> VoipMs:
    account = {"api_url": double.url, "username": double.username, "password": double.password}
    return VoipMs(http, **{**account, **changes})


async def by_twilio(http: httpx.AsyncClient, double: TwilioRest, **changes: Any) -> Outcome:
    return await twilios(http, double, **changes).send(sender=OURS, recipient=PATIENT, text="Hi & bye + é")


async def by_voipms(http: httpx.AsyncClient, double: VoipMsRest, recipient: str = PATIENT, **changes: Any) -> Outcome:
    return await voipmss(http, double, **changes).send(sender=OURS, recipient=recipient, text="Hi & bye + é")


async def test_twilio_is_asked_as_its_api_wants_it(http: httpx.AsyncClient, twilio: TwilioRest) -> None:
    assert await by_twilio(http, twilio) == Accepted(f"SM{1:032x}", "queued")
    assert twilio.sends == [{"From": OURS, "To": PATIENT, "Body": "Hi & bye + é"}]


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (429, 20429, NotSent("20429", Meaning.BUSY)),
        (429, 63038, NotSent("63038", Meaning.BARRED)),
        (400, 21611, NotSent("21611", Meaning.BUSY)),
        (401, 20003, NotSent("20003", Meaning.MISCONFIGURED)),
        (401, 0, NotSent("http_401", Meaning.MISCONFIGURED)),
        (400, 21610, NotSent("21610", Meaning.OPTED_OUT)),
        (400, 21609, Unknown("21609")),
        (400, 21211, NotSent("21211")),
        (400, 21614, NotSent("21614", Meaning.NO_TEXTS)),
        (400, 21606, NotSent("21606", Meaning.BARRED)),
        (400, 21999, NotSent("21999")),
        (404, 20404, NotSent("20404", Meaning.MISCONFIGURED)),
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
        (Answer(429, "busy"), NotSent("http_429", Meaning.BUSY)),
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
    assert await by_twilio(http, twilio, auth_token="old") == NotSent("20003", Meaning.MISCONFIGURED)
    assert await by_voipms(http, voipms, password="old") == NotSent("invalid_credentials", Meaning.MISCONFIGURED)


async def test_voipms_is_asked_as_its_api_wants_it(http: httpx.AsyncClient, voipms: VoipMsRest) -> None:
    assert await by_voipms(http, voipms) == Accepted("23434", "sent")
    assert voipms.sends == [{"did": OURS[2:], "dst": PATIENT[2:], "message": "Hi & bye + é"}]


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("api_limit_exceeded", Meaning.BUSY),
        ("sms_wait_message", Meaning.BUSY),
        ("method_maintenance", Meaning.UNREACHABLE),
        ("limit_reached", Meaning.BARRED),
        ("non_sufficient_funds", Meaning.BARRED),
        ("sms_apply_regulations", Meaning.BARRED),
        ("invalid_did", Meaning.BARRED),
        ("no_did", Meaning.BARRED),
        ("sms_failed", Meaning.REFUSED),
        ("sms_toolong", Meaning.REFUSED),
        ("message_empty", Meaning.REFUSED),
        ("invalid_dst", Meaning.REFUSED),
        ("something_new", Meaning.REFUSED),
    ],
)
async def test_statuses_of_voipms(http: httpx.AsyncClient, voipms: VoipMsRest, status: str, meaning: Meaning) -> None:
    voipms.status(status)
    assert await by_voipms(http, voipms) == NotSent(status, meaning)
    assert len(voipms.sends) == 1


@pytest.mark.parametrize("status", ["invalid_credentials", "missing_credentials", "api_not_enabled", "ip_not_enabled"])
async def test_voipms_refusing_us_is_told_from_voipms_refusing_a_text(
    http: httpx.AsyncClient, voipms: VoipMsRest, status: str
) -> None:
    voipms.status(status)
    assert await by_voipms(http, voipms) == NotSent(status, Meaning.MISCONFIGURED)


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
        (Answer(429, ""), NotSent("http_429", Meaning.BUSY)),
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
    assert outcome == NotSent("ConnectError", Meaning.UNREACHABLE)


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


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("soon", None)])
async def test_a_provider_can_say_how_long_it_wants_to_be_left_alone(
    http: httpx.AsyncClient, twilio: TwilioRest, header: str, seconds: float | None
) -> None:
    twilio.answers.append(Answer(429, {"code": 20429}, headers={"Retry-After": header}))
    assert await by_twilio(http, twilio) == NotSent("20429", Meaning.BUSY, retry_after=seconds)


async def test_twilio_lists_what_was_sent_between_two_numbers_also_what_is_still_queued(
    http: httpx.AsyncClient, twilio: TwilioRest
) -> None:
    await by_twilio(http, twilio)
    sender = twilios(http, twilio)
    (listed,) = await told(sender)
    assert (listed.message_sid, listed.status, listed.text) == (f"SM{1:032x}", "delivered", "Hi & bye + é")
    assert listed.at is not None
    assert abs(listed.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await sender.sent(sender=OURS, recipient="+12125550199", since=NOON) == ()


async def test_every_page_of_twilios_list_is_read_and_answers_of_its_own_are_left_out(
    http: httpx.AsyncClient, twilio: TwilioRest
) -> None:
    own = {"sid": "SM1", "direction": "outbound-reply", "body": "You have been unsubscribed"}
    ours = {"sid": "SM2", "direction": "outbound-api", "body": "hello", "status": "sent", "date_created": "?"}
    page = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages.json?To=%2B12125550123&From=%2B12125550150&Page=1"
    twilio.list_answers.append(Answer(200, {"messages": [own], "next_page_uri": page}))
    twilio.list_answers.append(Answer(200, {"messages": [ours], "next_page_uri": None}))
    assert await told(twilios(http, twilio)) == (Listed("SM2", "sent", "hello", at=None),)


async def test_voipms_lists_what_was_sent_whatever_zone_its_dates_are_in(
    http: httpx.AsyncClient, voipms: VoipMsRest
) -> None:
    sender = voipmss(http, voipms)
    assert await told(sender) == ()
    await by_voipms(http, voipms)
    assert await told(sender) == (Listed("23434", "sent", "Hi & bye + é", at=None),)
    await by_voipms(http, voipms)
    assert len(await told(sender)) == 2


async def test_voipms_writes_a_list_of_one_as_that_one_and_texts_as_html(
    http: httpx.AsyncClient, voipms: VoipMsRest
) -> None:
    voipms.list_answers.append(Answer(200, {"status": "success", "sms": {"id": "9", "message": "a &amp; b"}}))
    assert await told(voipmss(http, voipms)) == (Listed("9", "sent", "a & b", at=None),)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, {"code": 20503}),
        Answer(429, {"code": 20429}),
        Answer(401, {"code": 20003}),
        Answer(200, "<html>"),
        Answer(200, {"status": "api_limit_exceeded"}),
        Answer(200, {"messages": None}),
        Answer(200, {"status": "success"}),
    ],
)
async def test_an_answer_that_is_no_list_tells_nothing(
    http: httpx.AsyncClient, twilio: TwilioRest, voipms: VoipMsRest, answer: Answer
) -> None:
    for double, sender in ((twilio, twilios(http, twilio)), (voipms, voipmss(http, voipms))):
        double.list_answers.append(answer)
        assert isinstance(await sender.sent(sender=OURS, recipient=PATIENT, since=NOON), CannotTell)


async def told(sender: Twilio | VoipMs) -> tuple[Listed, ...]:
    listed = await sender.sent(sender=OURS, recipient=PATIENT, since=datetime.now(UTC))
    assert not isinstance(listed, CannotTell), listed
    return listed
