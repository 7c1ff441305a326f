"""Sending by VoIP.ms: method sendSMS of its REST API (VoIP.ms API docs: "sendSMS")."""

from collections.abc import Mapping

import httpx

from responder.numbers import ten_digits
from responder.senders import codes
from responder.senders.codes import Meaning
from responder.senders.http import fields, post
from responder.senders.port import Accepted, NotSent, Outcome, Unknown


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
            return NotSent("invalid_did")
        if destination is None:
            return NotSent("invalid_dst")
        call = {**self._credentials, "method": "sendSMS", "did": did, "dst": destination, "message": text}
        answer = await post(self._http, self._url, files=_multipart(call))
        return _outcome(answer) if isinstance(answer, httpx.Response) else answer


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
        return codes.outcome(status, codes.VOIPMS.get(status, Meaning.REFUSED))
    if answer.is_success:
        return Unknown("answer_without_status")
    return NotSent(f"http_{answer.status_code}", try_again=answer.status_code == httpx.codes.TOO_MANY_REQUESTS)
