"""The VoIP.ms API and its manners, over real HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from simulator.voipms.records import CallDetail, stamp
from support.simulator import DID, PATIENT, VOIPMS_ACCOUNT, VOIPMS_PASSWORD, VOIPMS_USERNAME, Simulator

REST = "/api/v1/rest.php"
LOGIN = {"api_username": VOIPMS_USERNAME, "api_password": VOIPMS_PASSWORD}
SEND = {"did": DID, "dst": "2125550123", "message": "See you at 3"}
ALL = {"answered": "1", "noanswer": "1", "busy": "1", "failed": "1", "timezone": "0"}
AROUND = {
    "date_from": f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}",
    "date_to": f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}",
}


async def test_a_text_is_sent_by_multipart_and_by_get(sim: Simulator) -> None:
    posted = await sim.voipms("sendSMS", **SEND)
    got = (await sim.http.get(REST, params={**LOGIN, "method": "sendSMS", **SEND})).json()
    assert posted["status"] == got["status"] == "success"
    assert isinstance(posted["sms"], str)
    assert int(got["sms"]) > int(posted["sms"]) > 0
    assert [(text["id"], text["to_number"], text["message"]) for text in await sim.texts(provider="voipms")] == [
        (posted["sms"], SEND["dst"], SEND["message"]),
        (got["sms"], SEND["dst"], SEND["message"]),
    ]


async def test_a_urlencoded_post_reaches_the_soap_server(sim: Simulator) -> None:
    answer = await sim.http.post(REST, data={**LOGIN, "method": "sendSMS", **SEND})
    assert answer.headers["content-type"].startswith("text/xml")
    assert "SOAP-ENV:Fault" in answer.text
    assert await sim.texts() == []


async def test_a_request_line_has_a_limit(sim: Simulator) -> None:
    answer = await sim.http.get(f"{REST}?{urlencode({**LOGIN, 'method': 'getIP', 'message': 'x' * 8200})}")
    assert answer.status_code == 414


@pytest.mark.parametrize(
    ("method", "params", "status"),
    [
        ("getIP", {"api_password": ""}, "missing_credentials"),
        ("getIP", {"api_password": "wrong"}, "invalid_credentials"),
        ("getIP", {"api_username": "somebody"}, "invalid_credentials"),
        ("", {}, "missing_method"),
        ("sendPigeon", {}, "invalid_method"),
        ("getIP", {}, "success"),
        ("sendSMS", {**SEND, "did": ""}, "missing_did"),
        ("sendSMS", {**SEND, "did": "2125550111"}, "invalid_did"),
        ("sendSMS", {**SEND, "dst": "+12125550123"}, "invalid_dst"),
        ("sendSMS", {**SEND, "message": ""}, "message_empty"),
        ("sendSMS", {**SEND, "message": "x" * 160}, "success"),
        ("sendSMS", {**SEND, "message": "x" * 161}, "sms_toolong"),
        ("sendMMS", {**SEND, "message": "x" * 161}, "success"),
        ("sendMMS", {**SEND, "message": "x" * 2049}, "sms_toolong"),
        ("getSMS", {}, "no_sms"),
        ("getMMS", {}, "no_mms"),
        ("getSMS", {"sms": "x"}, "invalid_sms"),
        ("getSMS", {"type": "2"}, "invalid_type"),
        ("getSMS", {"from": "yesterday"}, "invalid_date"),
        ("getSMS", {"timezone": "14"}, "invalid_timezone"),
        ("getCDR", {**ALL}, "invalid_date_from"),
        ("getCDR", {**ALL, "date_from": "2026-01-01"}, "invalid_date"),
        ("getCDR", {**ALL, "date_from": "2026-01-01", "date_to": "2026-04-04"}, "invalid_daterange"),
        ("getCDR", {**AROUND, "timezone": "0"}, "no_callstatus"),
        ("getCDR", {**AROUND, "answered": "1"}, "missing_timezone"),
        ("getCDR", {**AROUND, "answered": "1", "timezone": "EST"}, "invalid_timezone"),
        ("getCDR", {**AROUND, **ALL, "account": "other"}, "invalid_account"),
        ("getCDR", {**AROUND, **ALL}, "no_cdr"),
        ("getCallRecordings", {**AROUND}, "missing_account"),
        ("getCallRecordings", {**AROUND, "account": "other"}, "invalid_account"),
        ("getCallRecordings", {**AROUND, "account": VOIPMS_ACCOUNT}, "no_recording"),
        ("getCallRecording", {"account": VOIPMS_ACCOUNT}, "missing_callrecording"),
        ("getCallRecording", {"account": VOIPMS_ACCOUNT, "callrecording": "x"}, "invalid_callrecording"),
    ],
)
async def test_every_answer_is_http_200_with_a_status_word(
    sim: Simulator, method: str, params: dict[str, str], status: str
) -> None:
    assert (await sim.voipms(method, **params))["status"] == status


async def read(sim: Simulator, **params: str) -> list[dict[str, Any]]:
    found = (await sim.voipms("getSMS", **params)).get("sms", [])
    return found if isinstance(found, list) else [found]


async def test_texts_are_read_back_in_both_directions(sim: Simulator) -> None:
    sent = (await sim.voipms("sendSMS", **SEND))["sms"]
    received = (await sim.do("voipms/texts", from_number=PATIENT, message="question"))["message_sid"]
    picture = await sim.do("voipms/texts", from_number=PATIENT, message="", media_urls=["https://voip.ms/media/a.png"])
    days = {"from": AROUND["date_from"], "to": AROUND["date_to"], "timezone": "0"}
    assert [row["id"] for row in await read(sim, **days)] == [received, sent]
    (row,) = await read(sim, **days, type="1")
    assert row == {
        "id": received,
        "date": row["date"],
        "type": "1",
        "did": DID,
        "contact": "2125550123",
        "message": "question",
        "carrier_status": "Information not available",
    }
    assert [row["type"] for row in await read(sim, sms=sent)] == ["0"]
    assert len(await read(sim, **days, limit="1")) == 1
    everything = await read(sim, **days, all_messages="1")
    assert everything[0]["id"] == picture["message_sid"]
    assert everything[0]["col_media1"] == everything[0]["media"][0] == "https://voip.ms/media/a.png"


async def test_a_list_of_one_comes_as_that_one(sim: Simulator) -> None:
    sent = (await sim.voipms("sendSMS", **SEND))["sms"]
    assert (await sim.voipms("getSMS", sms=sent))["sms"]["id"] == sent


async def test_call_details_are_strings_in_the_zone_asked_for(sim: Simulator) -> None:
    made = await sim.do("voipms/cdrs", from_number=PATIENT, disposition="no-answer", seconds=83, total="0.0150")
    rows = [(await sim.voipms("getCDR", **AROUND, noanswer="1", timezone=timezone))["cdr"] for timezone in ("0", "-5")]
    utc = datetime.fromisoformat(rows[0].pop("date"))
    assert utc - datetime.fromisoformat(rows[1]["date"]) == timedelta(hours=5)
    assert rows[0] == {
        "callerid": '"2125550123" <2125550123>',
        "destination": DID,
        "description": "Inbound DID",
        "account": VOIPMS_ACCOUNT,
        "disposition": "NO ANSWER",
        "duration": "00:01:23",
        "seconds": "83",
        "rate": "0.00900000",
        "total": "0.01500000",
        "uniqueid": made["call_sid"],
        "destination_type": "IN:USA",
        "call_logs": "",
    }
    assert (await sim.voipms("getCDR", **AROUND, answered="1", timezone="0"))["status"] == "no_cdr"


def test_wall_clock_dates_follow_daylight_saving() -> None:
    assert stamp(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)) == "2026-01-07 10:00:00"
    assert stamp(datetime(2026, 7, 7, 15, 0, tzinfo=UTC)) == "2026-07-07 11:00:00"
    assert stamp(datetime(2026, 7, 7, 15, 0, tzinfo=UTC), -5) == "2026-07-07 10:00:00"


def test_long_calls_have_hours() -> None:
    call = CallDetail("1", "1", "a", "b", "", "", "answered", 3723, "0")
    assert call.duration == "01:02:03"


async def test_slashes_are_escaped_as_php_does(sim: Simulator) -> None:
    await sim.do("voipms/texts", from_number=PATIENT, message="", media_urls=["https://voip.ms/media/a.png"])
    days = {"from": AROUND["date_from"], "to": f"{datetime.now(UTC):%Y-%m-%d}"}
    answer = await sim.http.get(REST, params={**LOGIN, "method": "getMMS", **days})
    assert "https:\\/\\/voip.ms\\/media\\/a.png" in answer.text


async def test_calls_are_remembered_without_credentials(sim: Simulator) -> None:
    await sim.voipms("getIP")
    (call,) = await sim.rest(target="voipms.rest")
    assert (call["method"], call["status"]) == ("getIP", 200)
    assert VOIPMS_PASSWORD not in str(call)
    assert VOIPMS_USERNAME not in str(call)
