"""Texts by VoIP.ms: methods sendSMS and getSMS of its REST API (VoIP.ms API docs)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx

from responder.numbers import ten_digits
from responder.senders import codes
from responder.senders.http import ask, fields, post, retry_after
from responder.senders.port import Accepted, CannotTell, Listed, Meaning, NotSent, Outcome, Unknown

LONGEST = 160
"""Characters; VoIP.ms does not split (`sms_toolong`)."""
MOST_LISTED = 1000
_DAY = timedelta(days=1)


class VoipMs:
    """One VoIP.ms account."""

    def __init__(self, http: httpx.AsyncClient, *, api_url: str, username: str, password: str) -> None:
        self._http = http
        self._url = api_url
        self._credentials = {"api_username": username, "api_password": password}

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        """Send one text of at most 160 characters, within North America: VoIP.ms reaches nobody else."""
        did, destination = ten_digits(sender), ten_digits(recipient)
        if did is None:
            return NotSent("invalid_did", Meaning.BARRED)
        if destination is None:
            return NotSent("invalid_dst")
        call = {**self._credentials, "method": "sendSMS", "did": did, "dst": destination, "message": text}
        answer = await post(self._http, self._url, files=_multipart(call))
        return _outcome(answer) if isinstance(answer, httpx.Response) else answer

    async def sent(self, *, sender: str, recipient: str, since: datetime) -> tuple[Listed, ...] | CannotTell:
        """See `Sender.sent`.

        The days are asked for generously, and `at` stays open: VoIP.ms' dates are wall times of the account's zone,
        which may be set to any.
        """
        days = {
            "from": f"{since.astimezone(UTC) - _DAY:%Y-%m-%d}",
            "to": f"{since.astimezone(UTC) + 2 * _DAY:%Y-%m-%d}",
        }
        numbers = {"did": ten_digits(sender) or "", "contact": ten_digits(recipient) or ""}
        call = {**self._credentials, "method": "getSMS", "type": "0", "limit": str(MOST_LISTED), **days, **numbers}
        body = await ask(self._http, "POST", self._url, files=_multipart(call))
        if isinstance(body, CannotTell):
            return body
        if body.get("status") == "no_sms":  # how VoIP.ms writes an empty list
            return ()
        if body.get("status") != "success":
            return CannotTell(str(body.get("status")))
        rows = body.get("sms")
        rows = [rows] if isinstance(rows, dict) else rows  # a list of one may come as that one
        if not isinstance(rows, list) or len(rows) >= MOST_LISTED:
            return CannotTell("incomplete_list")
        return tuple(_listed(row) for row in rows)


def _multipart(call: Mapping[str, str]) -> dict[str, tuple[None, str]]:
    """Fields as multipart parts: a GET would put them into URLs and logs, an urlencoded POST reaches the SOAP API."""
    return {name: (None, value) for name, value in call.items()}


def _outcome(answer: httpx.Response) -> Outcome:
    """VoIP.ms answers errors with HTTP 200 as well: `status` decides."""
    body = fields(answer)
    status = body.get("status")
    if status == "success":
        sid = str(body.get("sms") or "0").strip()
        return NotSent("success_without_sms") if sid in {"", "0"} else Accepted(sid, "sent")
    if isinstance(status, str) and status:
        return codes.voipms(status)
    if answer.is_success:
        return Unknown("answer_without_status")
    busy = answer.status_code == httpx.codes.TOO_MANY_REQUESTS
    return NotSent(f"http_{answer.status_code}", Meaning.BUSY if busy else Meaning.REFUSED, retry_after(answer))


def _listed(row: Mapping[str, Any]) -> Listed:
    return Listed(str(row.get("id")), "sent", unescape(str(row.get("message") or "")), at=None)
