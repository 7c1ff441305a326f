"""Sending by Twilio: POST /2010-04-01/Accounts/{AccountSid}/Messages.json (Twilio docs: "Message resource")."""

import httpx

from responder.senders import codes
from responder.senders.codes import Meaning
from responder.senders.http import fields, post
from responder.senders.port import Accepted, Outcome, Unknown

_BY_STATUS: dict[int, Meaning] = {
    httpx.codes.UNAUTHORIZED: Meaning.MISCONFIGURED,
    httpx.codes.TOO_MANY_REQUESTS: Meaning.TRY_AGAIN,
}
"""For answers whose code is missing or not listed."""


class Twilio:
    """One Twilio account."""

    def __init__(
        self, http: httpx.AsyncClient, *, api_url: str, account_sid: str, auth_token: str, status_callback: str | None
    ) -> None:
        """`status_callback` is where Twilio reports the delivery; None when nobody listens."""
        self._http = http
        self._url = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._auth = (account_sid, auth_token)
        self._status_callback = status_callback

    async def send(self, *, sender: str, recipient: str, text: str) -> Outcome:
        """Send one text. Twilio knows no idempotency key, so this is never repeated after an unknown outcome."""
        form = {"To": recipient, "From": sender, "Body": text}
        if self._status_callback:
            form["StatusCallback"] = self._status_callback
        answer = await post(self._http, self._url, data=form, auth=self._auth)
        return _outcome(answer) if isinstance(answer, httpx.Response) else answer


def _outcome(answer: httpx.Response) -> Outcome:
    body = fields(answer)
    if answer.is_success:
        sid, status = body.get("sid"), body.get("status")
        if isinstance(sid, str) and sid:
            return Accepted(sid, status if isinstance(status, str) and status else "queued")
        return Unknown("accepted_without_sid")
    code = str(body.get("code") or f"http_{answer.status_code}")
    return codes.outcome(code, codes.TWILIO.get(code) or _BY_STATUS.get(answer.status_code, Meaning.REFUSED))
