"""Texts by Twilio: /2010-04-01/Accounts/{AccountSid}/Messages.json (Twilio docs: "Message resource")."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import httpx

from responder.senders import codes
from responder.senders.http import ask, fields, post, retry_after
from responder.senders.port import Accepted, CannotTell, Listed, Outcome, Unknown

PAGE_SIZE = 1000
"""Messages a page; the most that Twilio gives."""
PAGES = 5


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
        """Send one text. Twilio knows no idempotency key, so an unknown outcome is asked about, never repeated."""
        form = {"To": recipient, "From": sender, "Body": text}
        if self._status_callback:
            form["StatusCallback"] = self._status_callback
        answer = await post(self._http, self._url, data=form, auth=self._auth)
        return _outcome(answer) if isinstance(answer, httpx.Response) else answer

    async def sent(self, *, sender: str, recipient: str, since: datetime) -> tuple[Listed, ...] | CannotTell:
        """See `Sender.sent`.

        The list is not filtered by `DateSent`, which a queued message does not have yet: it would be missing. So what
        comes is everything between two numbers, newest first.
        """
        page = f"{self._url}?{httpx.QueryParams({'To': recipient, 'From': sender, 'PageSize': PAGE_SIZE})}"
        found: list[Listed] = []
        for _ in range(PAGES):
            body = await ask(self._http, "GET", page, auth=self._auth)
            if isinstance(body, CannotTell):
                return body
            messages = body.get("messages")
            if not isinstance(messages, list):
                return CannotTell("answer_without_messages")
            found += [listed for message in messages if (listed := _listed(message)) is not None]
            following = body.get("next_page_uri")
            if not following:
                return tuple(found)
            page = urljoin(self._url, str(following))
        return CannotTell("too_many_messages")


def _outcome(answer: httpx.Response) -> Outcome:
    body = fields(answer)
    if answer.is_success:
        sid, status = body.get("sid"), body.get("status")
        if isinstance(sid, str) and sid:
            return Accepted(sid, status if isinstance(status, str) and status else "queued")
        return Unknown("accepted_without_sid")
    code = str(body.get("code") or f"http_{answer.status_code}")
    return codes.twilio(code, answer.status_code, retry_after(answer))


def _listed(message: Mapping[str, Any]) -> Listed | None:
    """A message of the list, if an API client sent it: Twilio's own answers to STOP and HELP are `outbound-reply`."""
    if message.get("direction") != "outbound-api":
        return None
    sid, status, text = (str(message.get(name) or "") for name in ("sid", "status", "body"))
    return Listed(sid, status or "queued", text, _time(message.get("date_created")))


def _time(rfc2822: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(rfc2822))
    except ValueError:
        return None
