"""Twilio's REST API, as far as our services use it: messages and recordings."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.exchange import Exchange
from simulator.faults import Target
from simulator.memory import Text
from simulator.twilio.account import API_VERSION, FORM, Account
from simulator.twilio.errors import TwilioDialect, TwilioError, error_response, refusal
from simulator.twilio.messages import Messages
from simulator.twilio.recordings import Recording, Recordings, TooManyChannels
from simulator.twilio.sending import check
from simulator.twilio.webhooks import rfc2822, segments

Params = list[tuple[str, str]]
Handler = Callable[[Request, Params], Response]
_PAGE_SIZE = 50


class TwilioRest:
    """Handlers by route. Everything needs HTTP Basic, recordings too ("Enforce HTTP auth on media URLs")."""

    def __init__(self, account: Account, messages: Messages, recordings: Recordings, exchange: Exchange) -> None:
        self._account = account
        self._messages = messages
        self._recordings = recordings
        self._exchange = exchange

    def routes(self) -> list[Route]:
        """For the application."""
        base = f"/{API_VERSION}/Accounts/{{account}}"
        texts = self._endpoint("twilio.messages", {"GET": self._list, "POST": self._create})
        text = self._endpoint("twilio.messages", {"GET": self._fetch})
        recording = self._endpoint("twilio.recordings", {"GET": self._recording})
        return [
            Route(f"{base}/Messages.json", texts, methods=["GET", "POST"]),
            Route(f"{base}/Messages/{{sid}}.json", text),
            Route(f"{base}/Recordings/{{file}}", recording),
        ]

    def _endpoint(self, target: Target, handlers: dict[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            params = await _params(request)

            async def handle() -> Response:
                try:
                    self._authenticate(request)
                    return handlers[request.method](request, params)
                except TwilioError as error:
                    return refusal(error)

            method = "GET" if request.method == "HEAD" else request.method
            return await self._exchange.answer(request, target, method, dict(params), TwilioDialect(), handle)

        return endpoint

    def _authenticate(self, request: Request) -> None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        expected = f"{self._account.sid}:{self._account.token}".encode()
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            given = b""
        known = scheme.lower() == "basic" and hmac.compare_digest(given, expected)
        if not known or request.path_params["account"] != self._account.sid:
            raise TwilioError(20003)

    def _create(self, _: Request, params: Params) -> Response:
        text = self._messages.send(check(params, self._account.number))
        return JSONResponse(self._resource(text), 201)

    def _fetch(self, request: Request, _: Params) -> Response:
        text = self._messages.find(request.path_params["sid"])
        if text is None:
            raise TwilioError(20404)
        return JSONResponse(self._resource(text))

    def _list(self, _: Request, params: Params) -> Response:
        fields = dict(params)
        found = [text for text in self._messages.newest() if _matches(text, fields)]
        size = min(_number(fields.get("PageSize"), _PAGE_SIZE) or _PAGE_SIZE, 1000)
        page = _number(fields.get("Page"), 0)
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        return JSONResponse(
            {
                "messages": [self._resource(text) for text in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + max(len(shown) - 1, 0),
                "uri": self._page_uri(fields, page),
                "first_page_uri": self._page_uri(fields, 0),
                "next_page_uri": self._page_uri(fields, page + 1) if more else None,
                "previous_page_uri": self._page_uri(fields, page - 1) if page else None,
            }
        )

    def _page_uri(self, fields: dict[str, str], page: int) -> str:
        query = urlencode({**fields, "Page": str(page)})
        return f"/{API_VERSION}/Accounts/{self._account.sid}/Messages.json?{query}"

    def _resource(self, text: Text) -> dict[str, Any]:
        uri = f"/{API_VERSION}/Accounts/{self._account.sid}/Messages/{text.id}"
        in_service = text.messaging_service_sid and text.status == "accepted"
        return {
            "sid": text.id,
            "account_sid": self._account.sid,
            "api_version": API_VERSION,
            "body": text.message,
            "num_segments": "0" if in_service else str(segments(text.message)),
            "num_media": str(len(text.media_urls)),
            "direction": text.direction,
            "from": text.from_number,
            "to": text.to_number,
            "status": text.status,
            "error_code": text.error_code,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "messaging_service_sid": text.messaging_service_sid,
            "date_created": rfc2822(text.at),
            "date_updated": rfc2822(text.sent_at or text.at),
            "date_sent": _sent(text),
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }

    def _recording(self, request: Request, params: Params) -> Response:
        sid, _, form = request.path_params["file"].partition(".")
        recording = self._recordings.get(sid)
        if recording is None or form not in {"", "wav", "mp3", "json"}:
            raise TwilioError(20404)
        if form == "json":
            return JSONResponse(self._metadata(recording))
        if recording.status != "completed":
            raise TwilioError(20404)
        try:
            channels = 2 if dict(params).get("RequestedChannels") == "2" else 1
            content, media_type = recording.download(form or "wav", channels)
        except TooManyChannels:
            return error_response(400, 20001, "Requested channels exceed the channels of the recording")
        return Response(content, media_type=media_type)

    def _metadata(self, recording: Recording) -> dict[str, Any]:
        path = f"Recordings/{recording.sid}"
        return {
            "sid": recording.sid,
            "account_sid": self._account.sid,
            "api_version": API_VERSION,
            "call_sid": recording.call_sid,
            "status": recording.status,
            "source": recording.source,
            "channels": recording.channels,
            "duration": str(max(1, round(recording.seconds))),
            "start_time": rfc2822(recording.started_at),
            "date_created": rfc2822(recording.started_at),
            "error_code": None,
            "encryption_details": None,
            "media_url": self._account.resource(path),
            "uri": f"/{API_VERSION}/Accounts/{self._account.sid}/{path}.json",
        }


async def _params(request: Request) -> Params:
    """Form fields of a POST, else those of the query, blanks and repeats included."""
    if request.method != "POST":
        return request.query_params.multi_items()
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        return []
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdecimal() else default


def _sent(text: Text) -> str | None:
    at = text.at if text.direction == "inbound" else text.sent_at
    return rfc2822(at) if at else None


def _matches(text: Text, fields: dict[str, str]) -> bool:
    """Filters of the list: To, From, and DateSent, which is a UTC day, also as `DateSent<` (until) and `DateSent>`."""
    day = f"{_day(text):%Y-%m-%d}"
    checks = (
        text.to_number == fields.get("To", text.to_number),
        text.from_number == fields.get("From", text.from_number),
        day == fields.get("DateSent", day)[:10],
        day <= fields.get("DateSent<", day)[:10],
        day >= fields.get("DateSent>", day)[:10],
    )
    return all(checks)


def _day(text: Text) -> datetime:
    return text.sent_at or text.at
