"""CSV: everything that fits, page by page, and nothing a spreadsheet would run."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.sms import SmsReceived
from recorder.database import Database
from recorder.web.api.exports import CALL_COLUMNS, MESSAGE_COLUMNS, cell
from recorder.web.reading import questions
from support.recorder import PARTIES, PATIENT, as_json, event
from support.recorder_day import a_day
from support.recorder_web import credentials, visiting


async def rows(client: Any, path: str) -> list[dict[str, str]]:
    """What a program reads that knows CSV."""
    response = await client.get(path, auth=credentials())
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


async def test_all_rows_come_however_many_pages_they_are(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST", 3)
    texts = [event(SmsReceived, minute=n // 4, message_sid=f"T{n}", **PARTIES, message="x") for n in range(11)]
    await database.record(as_json([*texts, *a_day()]))
    async with visiting(database) as client:
        listed = (await client.get("/api/messages?limit=500", auth=credentials())).json()["messages"]
        exported = await rows(client, "/api/messages.csv")
        calls = await rows(client, "/api/calls.csv")
        few = await rows(client, "/api/calls.csv?provider=voipms")
    assert [row["message_sid"] for row in exported] == [row["message_sid"] for row in listed]
    assert list(exported[0]) == list(MESSAGE_COLUMNS)
    assert list(calls[0]) == list(CALL_COLUMNS)
    assert {row["call_sid"] for row in few} == {"17", "recording:r9"}
    assert {row["price"] for row in calls} >= {"-0.0085"}


async def test_words_survive_as_they_are_and_formulas_do_not_run(database: Database) -> None:
    said = ['=HYPERLINK("http://evil")', "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "\t=1", 'A "ñ", ü;\nline 2', "x"]
    texts = [event(SmsReceived, minute=n, message_sid=f"T{n}", **PARTIES, message=text) for n, text in enumerate(said)]
    await database.record(as_json(texts))
    async with visiting(database) as client:
        exported = await rows(client, "/api/messages.csv")
    neutral = [f"'{text}" for text in said[:5]] + said[5:]
    assert [row["message"] for row in reversed(exported)] == neutral
    assert {row["from_number"] for row in exported} == {PATIENT}


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    written = cell(text)
    assert written.removeprefix("'") == text.removeprefix("'") or written == f"'{text}"
    if written[:1] in set("=@|\t\r"):
        pytest.fail(f"{written!r} runs")
    if written[:1] in set("+-"):
        assert float(written) is not None


async def test_an_export_of_nothing_has_a_head(direct: Database) -> None:
    async with visiting(direct) as client:
        response = await client.get("/api/calls.csv", auth=credentials())
    assert response.content.decode("utf-8-sig").strip() == ",".join(CALL_COLUMNS)
    assert response.headers["content-disposition"].startswith('attachment; filename="calls-')
