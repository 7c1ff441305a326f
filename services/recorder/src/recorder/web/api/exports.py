"""Calls and texts as CSV, streamed page by page."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from recorder.web.desk import AtDesk, Desk, Reader
from recorder.web.reading.filters import CallFilter, MessageFilter

router = APIRouter(tags=["export"])

CALL_COLUMNS = (
    *("at", "provider", "call_sid", "direction", "outcome", "status", "from_number", "to_number", "duration"),
    *("price", "price_unit", "answered_by", "recording_sid", "recording_duration"),
    *("transcription_status", "transcription_text"),
)
MESSAGE_COLUMNS = (
    *("occurred_at", "provider", "message_sid", "conversation_id", "direction", "from_number", "to_number", "message"),
    *("status", "error_code", "auto_response", "category", "language", "answered_at", "unanswered_because"),
    "in_reply_to",
)

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it spreadsheets read UTF-8 as something else, and names lose their accents."""
_FORMULA = re.compile(r"\s*[=+\-@\t\r|]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class Csv(StreamingResponse):
    """A CSV file (RFC 4180)."""

    media_type = "text/csv"


_ANSWER: dict[int | str, dict[str, object]] = {200: {"description": "CSV, UTF-8 with a byte order mark"}}


@router.get("/calls.csv", response_class=Csv, responses=_ANSWER)
async def calls(asked: Annotated[CallFilter, Query()], desk: AtDesk, identity: Reader) -> Csv:
    """All calls that fit, newest first."""
    await desk.audit.note(identity, "exported", "calls", "")
    return await _file(desk, "calls", CALL_COLUMNS, desk.ask.every_call(asked))


@router.get("/messages.csv", response_class=Csv, responses=_ANSWER)
async def messages(asked: Annotated[MessageFilter, Query()], desk: AtDesk, identity: Reader) -> Csv:
    """All texts that fit, newest first."""
    await desk.audit.note(identity, "exported", "messages", "")
    return await _file(desk, "messages", MESSAGE_COLUMNS, desk.ask.every_message(asked))


def cell(value: object) -> str:
    """A value as a spreadsheet may read it: what a patient wrote is never a formula (OWASP, CSV injection)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


async def _file(desk: Desk, name: str, columns: Sequence[str], pages: AsyncIterator[tuple[BaseModel, ...]]) -> Csv:
    first = await anext(pages)  # before the answer begins: a database that is away is an error, not an empty file
    disposition = f'attachment; filename="{name}-{desk.now():%Y-%m-%d}.csv"'
    return Csv(_lines(columns, first, pages), headers={"Content-Disposition": disposition})


async def _lines(
    columns: Sequence[str], first: tuple[BaseModel, ...], rest: AsyncIterator[tuple[BaseModel, ...]]
) -> AsyncIterator[str]:
    yield _BOM + _written([columns])
    yield _written(_rows(columns, first))
    async for page in rest:
        yield _written(_rows(columns, page))


def _rows(columns: Sequence[str], page: tuple[BaseModel, ...]) -> Iterable[list[str]]:
    return ([cell(getattr(row, column)) for column in columns] for row in page)


def _written(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()
