"""Twilio's REST API for messages, over real HTTP."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from support.simulator import ACCOUNT_SID, AUTH_TOKEN, PATIENT, TWILIO_NUMBER, Simulator

AUTH = (ACCOUNT_SID, AUTH_TOKEN)


async def test_a_text_is_answered_with_201_and_the_documented_json(sim: Simulator) -> None:
    answer = await sim.send(Body="See you at 3")
    assert answer.status_code == 201
    body = answer.json()
    sid = body["sid"]
    assert body | {"date_created": "", "date_updated": ""} == {
        "sid": sid,
        "account_sid": ACCOUNT_SID,
        "api_version": "2010-04-01",
        "body": "See you at 3",
        "num_segments": "1",
        "num_media": "0",
        "direction": "outbound-api",
        "from": TWILIO_NUMBER,
        "to": PATIENT,
        "status": "queued",
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "messaging_service_sid": None,
        "date_created": "",
        "date_updated": "",
        "date_sent": None,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}.json",
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}/Media.json"},
    }
    assert parsedate_to_datetime(body["date_created"]).tzinfo is not None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "2125550123"}, 21211),
        ({"To": "+15005550001"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "nobody"}, 21212),
        ({"From": "+12125550199"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"MediaUrl": "tooth.png"}, 21620),
        ({"StatusCallback": "/webhooks/twilio/sms/status"}, 21609),
    ],
)
async def test_texts_are_refused_with_twilios_codes(sim: Simulator, changes: dict[str, str], code: int) -> None:
    answer = await sim.send(**changes)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["status"] == 400
    assert answer.json()["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert await sim.texts() == []


async def test_ten_media_are_the_most(sim: Simulator) -> None:
    form = {"To": PATIENT, "From": TWILIO_NUMBER, "MediaUrl": [f"https://example.org/{n}" for n in range(11)]}
    answer = await sim.http.post(sim.account("Messages.json"), data=form, auth=AUTH)
    assert answer.json()["code"] == 21623


@pytest.mark.parametrize("auth", [None, (ACCOUNT_SID, "wrong"), ("AC" + "1" * 32, AUTH_TOKEN)])
@pytest.mark.parametrize("path", ["Messages.json", f"Messages/SM{'0' * 32}.json", f"Recordings/RE{'0' * 32}"])
async def test_nothing_is_told_without_credentials(sim: Simulator, auth: tuple[str, str] | None, path: str) -> None:
    answer = await sim.http.get(sim.account(path), auth=auth)
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003


async def test_another_account_than_ones_own_is_refused(sim: Simulator) -> None:
    answer = await sim.http.get(f"/2010-04-01/Accounts/AC{'1' * 32}/Messages.json", auth=AUTH)
    assert answer.status_code == 401


async def listed(sim: Simulator, **query: str) -> list[str]:
    answer = await sim.http.get(sim.account("Messages.json"), params=query, auth=AUTH)
    return [message["body"] for message in answer.json()["messages"]]


async def test_messages_are_listed_by_numbers_and_day_newest_first(sim: Simulator) -> None:
    await sim.do("twilio/texts", from_number=PATIENT, message="question")
    await sim.send(Body="answer")
    await sim.send(Body="other", To="+12125550177")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert await listed(sim) == ["other", "answer", "question"]
    assert await listed(sim, To=PATIENT, From=TWILIO_NUMBER, DateSent=today) == ["answer"]
    assert await listed(sim, From=PATIENT) == ["question"]
    assert await listed(sim, DateSent="2020-01-01") == []
    assert await listed(sim, **{"DateSent<": "2020-01-01"}) == []
    assert await listed(sim, **{"DateSent>": "2020-01-01", "To": "+12125550177"}) == ["other"]


async def test_a_long_list_is_followed_page_by_page(sim: Simulator) -> None:
    for number in range(5):
        await sim.send(Body=str(number))
    found, uri = [], f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json?PageSize=2"
    while uri:
        page = (await sim.http.get(uri, auth=AUTH)).json()
        found.append([message["body"] for message in page["messages"]])
        uri = page["next_page_uri"]
    assert found == [["4", "3"], ["2", "1"], ["0"]]


async def test_one_message_is_fetched_by_its_sid(sim: Simulator) -> None:
    sid = (await sim.send(Body="answer")).json()["sid"]
    fetched = await sim.http.get(sim.account(f"Messages/{sid}.json"), auth=AUTH)
    assert fetched.json()["body"] == "answer"
    unknown = await sim.http.get(sim.account(f"Messages/SM{'0' * 32}.json"), auth=AUTH)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("message", "segments"),
    [("x" * 160, "1"), ("x" * 161, "2"), ("€" * 80, "1"), ("€" * 81, "2"), ("☺" * 70, "1"), ("😀" * 36, "2")],
)
async def test_segments_are_counted_by_alphabet(sim: Simulator, message: str, segments: str) -> None:
    assert (await sim.send(Body=message)).json()["num_segments"] == segments


async def test_calls_are_remembered_without_secrets(sim: Simulator) -> None:
    await sim.send(Body="answer")
    (call,) = await sim.rest(target="twilio.messages")
    assert (call["method"], call["status"], call["params"]["Body"]) == ("POST", 201, "answer")
    assert AUTH_TOKEN not in str(call)
