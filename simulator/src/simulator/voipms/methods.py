"""Methods of the VoIP.ms API that our services use, with the `status` words of its documentation.

As seen live: numbers are strings, an empty list is a status of its own, and a list of one comes as that one.
"""

import base64
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from simulator.memory import Memory, Text, now
from simulator.voipms.records import WALL_CLOCK, CallDetail, CallRecording, Records, stamp

Params = Mapping[str, str]
Reply = dict[str, Any]
Row = TypeVar("Row")

LONGEST_SMS = 160
LONGEST_MMS = 2048
_LONGEST_CDR_RANGE = timedelta(days=92)
_DISPOSITIONS = {"answered": "ANSWERED", "noanswer": "NO ANSWER", "busy": "BUSY", "failed": "FAILED"}
_DESTINATION = re.compile(r"[2-9]\d{9}")


class StatusWord(Exception):
    """A refusal, by its documented word."""


class Methods:
    """The API behind its transport: parameters in, reply out. Refusals are raised as `StatusWord`."""

    def __init__(
        self, did: str, account: str, memory: Memory, records: Records, ids: Mapping[str, Iterator[int]]
    ) -> None:
        self._did = did
        self._account = account
        self._memory = memory
        self._records = records
        self._ids = ids
        self.by_name: dict[str, Callable[[Params], Reply]] = {
            "sendSMS": self._send_sms,
            "sendMMS": self._send_mms,
            "getSMS": self._get_sms,
            "getMMS": self._get_mms,
            "getCDR": self._get_cdr,
            "getCallRecordings": self._get_call_recordings,
            "getCallRecording": self._get_call_recording,
        }

    def _send_sms(self, params: Params) -> Reply:
        return {"sms": self._send(params, LONGEST_SMS, ())}

    def _send_mms(self, params: Params) -> Reply:
        media = tuple(params[name] for name in ("media1", "media2", "media3") if params.get(name))
        return {"mms": self._send(params, LONGEST_MMS, media, kind="mms")}

    def _send(self, params: Params, longest: int, media: tuple[str, ...], kind: str = "sms") -> str:
        did, destination, message = params.get("did", ""), params.get("dst", ""), params.get("message", "")
        if not did:
            raise StatusWord("missing_did")
        if did != self._did:
            raise StatusWord("invalid_did")
        if not _DESTINATION.fullmatch(destination):
            raise StatusWord("invalid_dst")
        if not message and not media:
            raise StatusWord("message_empty")
        if len(message) > longest:
            raise StatusWord("sms_toolong")
        text = Text(
            provider="voipms",
            id=str(next(self._ids[kind])),
            by="us",
            direction="outbound-api",
            from_number=did,
            to_number=destination,
            message=message,
            status="sent",
            kind="mms" if kind == "mms" else "sms",
            media_urls=media,
            sent_at=now(),
        )
        return self._memory.remember(text).id

    def _get_sms(self, params: Params) -> Reply:
        everything = params.get("all_messages") == "1"
        return self._texts(params, params.get("sms", ""), ("sms", "mms") if everything else ("sms",))

    def _get_mms(self, params: Params) -> Reply:
        everything = params.get("all_messages") == "1"
        return self._texts(params, params.get("mms", ""), ("sms", "mms") if everything else ("mms",))

    def _texts(self, params: Params, wanted: str, kinds: tuple[str, ...]) -> Reply:
        """Texts of the given days (today when not given), newest first; an id leaves the days aside."""
        if wanted and not wanted.isdecimal():
            raise StatusWord("invalid_sms")
        wanted = "" if wanted == "0" else wanted
        if params.get("type", "") not in {"", "0", "1"}:
            raise StatusWord("invalid_type")
        offset = _offset(params["timezone"]) if params.get("timezone") else None
        today = stamp(now(), offset)[:10]
        first, last = _day(params.get("from") or today), _day(params.get("to") or params.get("from") or today)
        rows = []
        for text in reversed(self._memory.texts.values()):
            day = date.fromisoformat(stamp(text.at, offset)[:10])
            in_time = text.id == wanted if wanted else first <= day <= last
            known = text.provider == "voipms" and text.kind in kinds and self._memory.is_listed(text)
            if known and in_time and _wanted(text, params):
                rows.append(_text_row(text, offset))
        limit = int(params["limit"]) if params.get("limit", "").isdecimal() else 50
        return {"sms": _rows(rows[:limit], "no_sms" if "sms" in kinds else "no_mms")}

    def _get_cdr(self, params: Params) -> Reply:
        first, last = _day(params.get("date_from", ""), "invalid_date_from"), _day(params.get("date_to", ""))
        if last < first or last - first > _LONGEST_CDR_RANGE:
            raise StatusWord("invalid_daterange")
        dispositions = {word for name, word in _DISPOSITIONS.items() if params.get(name) == "1"}
        if not dispositions:
            raise StatusWord("no_callstatus")
        if not params.get("timezone"):
            raise StatusWord("missing_timezone")
        offset = _offset(params["timezone"])
        if params.get("account", self._account) not in {self._account, "all", ""}:
            raise StatusWord("invalid_account")
        zone = timedelta(hours=offset)
        start = datetime.combine(first, time(), UTC) - zone
        end = datetime.combine(last, time(), UTC) - zone + timedelta(days=1)
        found = [call for call in self._records.calls.values() if start <= call.at < end]
        rows = [_cdr_row(call, offset) for call in found if _spoken(call.disposition) in dispositions]
        return {"cdr": _rows(rows, "no_cdr")}

    def _get_call_recordings(self, params: Params) -> Reply:
        self._check_account(params)
        first, last = _day(params.get("date_from", ""), "invalid_date_from"), _day(params.get("date_to", ""))
        if params.get("call_type", "all") == "outgoing":
            raise StatusWord("no_recording")
        begin = datetime.combine(first, time(), WALL_CLOCK)
        end = datetime.combine(last + timedelta(days=1), time(), WALL_CLOCK)
        rows = [_recording_row(found) for found in self._records.recordings.values() if begin <= found.at < end]
        start = int(params["start"]) if params.get("start", "").isdecimal() else 0
        length = int(params["length"]) if params.get("length", "").isdecimal() else len(rows)
        return {"recordings": _rows(rows[start : start + length], "no_recording")}

    def _get_call_recording(self, params: Params) -> Reply:
        self._check_account(params)
        wanted = params.get("callrecording")
        if not wanted:
            raise StatusWord("missing_callrecording")
        recording = self._records.recordings.get(wanted)
        if recording is None:
            raise StatusWord("invalid_callrecording")
        content, _ = recording.sound.best("mp3")
        if not content:
            raise StatusWord("no_base64file")
        folded = "\n".join(textwrap.wrap(base64.b64encode(content).decode(), 76))
        return {**_recording_row(recording), "base64file": folded}

    def _check_account(self, params: Params) -> None:
        if not params.get("account"):
            raise StatusWord("missing_account")
        if params["account"] != self._account:
            raise StatusWord("invalid_account")


def _day(value: str, otherwise: str = "invalid_date") -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise StatusWord(otherwise) from error


def _offset(value: str) -> float:
    try:
        offset = float(value)
    except ValueError as error:
        raise StatusWord("invalid_timezone") from error
    if not -12 <= offset <= 13:
        raise StatusWord("invalid_timezone")
    return offset


def _rows(rows: list[Row], nothing: str) -> list[Row] | Row:
    if not rows:
        raise StatusWord(nothing)
    return rows if len(rows) > 1 else rows[0]


def _wanted(text: Text, params: Params) -> bool:
    inbound = text.direction == "inbound"
    did, contact = (text.to_number, text.from_number) if inbound else (text.from_number, text.to_number)
    checks = (
        params.get("type", "") in {"", "1" if inbound else "0"},
        params.get("did", "") in {"", did},
        params.get("contact", "") in {"", contact},
    )
    return all(checks)


def _text_row(text: Text, offset: float | None) -> dict[str, Any]:
    inbound = text.direction == "inbound"
    row: dict[str, Any] = {
        "id": text.id,
        "date": stamp(text.at, offset),
        "type": "1" if inbound else "0",
        "did": text.to_number if inbound else text.from_number,
        "contact": text.from_number if inbound else text.to_number,
        "message": text.message,
        "carrier_status": "Information not available" if inbound else "Message delivered to handset.",
    }
    if text.kind == "mms":
        row |= {f"col_media{number}": url for number, url in enumerate(text.media_urls, 1)}
        row["media"] = list(text.media_urls)
    return row


def _spoken(disposition: str) -> str:
    """The guide's push says `no-answer` or `no answer`, the API NO ANSWER."""
    return disposition.upper().replace("-", " ").replace("_", " ")


def _cdr_row(call: CallDetail, offset: float) -> dict[str, str]:
    return {
        "date": stamp(call.at, offset),
        "callerid": f'"{call.callerid}" <{call.callerid}>',
        "destination": call.destination,
        "description": "Inbound DID",
        "account": call.account,
        "disposition": _spoken(call.disposition),
        "duration": call.duration,
        "seconds": str(call.seconds),
        "rate": "0.00900000",
        "total": f"{float(call.total):.8f}",
        "uniqueid": call.uniqueid,
        "destination_type": "IN:USA",
        "call_logs": "",
    }


def _recording_row(recording: CallRecording) -> dict[str, str]:
    return {
        "callrecording": recording.id,
        "datetime": stamp(recording.at),
        "destination": recording.destination,
        "type": "Incoming",
        "subaccount": recording.account,
        "duration": recording.duration,
    }
