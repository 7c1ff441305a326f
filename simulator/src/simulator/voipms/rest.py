"""The VoIP.ms API, `rest.php`: its transports, credentials and manners. What the methods do is in `methods`."""

import hmac
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulator.exchange import Exchange
from simulator.faults import Fault
from simulator.voipms.methods import Methods, StatusWord

PATH = "/api/v1/rest.php"
_LONGEST_REQUEST_LINE = 8190
_SECRETS = frozenset({"api_username", "api_password"})
_SOAP_FAULT = """<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault>\
<faultcode>SOAP-ENV:Client</faultcode><faultstring>Bad Request</faultstring>\
</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>
"""


class VoipMsRest:
    """One route for everything. Errors come with HTTP 200 and a `status` word."""

    def __init__(self, username: str, password: str, methods: Methods, exchange: Exchange) -> None:
        self._username = username
        self._password = password
        self._methods = methods
        self._exchange = exchange

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route(PATH, self._endpoint, methods=["GET", "POST"])]

    async def _endpoint(self, request: Request) -> Response:
        params = await _params(request)
        shown = {name: "***" if name in _SECRETS else value for name, value in (params or {}).items()}

        async def handle() -> Response:
            return self._handle(request, params)

        method = shown.get("method", "")
        return await self._exchange.answer(request, "voipms.rest", method, shown, VoipMsDialect(), handle)

    def _handle(self, request: Request, params: dict[str, str] | None) -> Response:
        if len(f"{request.method} {request.url.path}?{request.url.query} HTTP/1.1") > _LONGEST_REQUEST_LINE:
            return HTMLResponse("<html><body><h1>Request-URI Too Long</h1></body></html>", 414)
        if params is None:
            return Response(_SOAP_FAULT, 500, media_type="text/xml")
        try:
            return php_json({"status": "success", **self._call(request, params)})
        except StatusWord as word:
            return php_json({"status": str(word)})

    def _call(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        given = (params.get("api_username", ""), params.get("api_password", ""))
        if not all(given):
            raise StatusWord("missing_credentials")
        known = [hmac.compare_digest(*pair) for pair in zip(map(str.encode, given), self._expected(), strict=True)]
        if not all(known):
            raise StatusWord("invalid_credentials")
        name = params.get("method", "")
        if not name:
            raise StatusWord("missing_method")
        if name == "getIP":
            return {"ip": request.client.host if request.client else ""}
        method = self._methods.by_name.get(name)
        if method is None:
            raise StatusWord("invalid_method")
        return method(params)

    def _expected(self) -> tuple[bytes, bytes]:
        return self._username.encode(), self._password.encode()


async def _params(request: Request) -> dict[str, str] | None:
    """Query of a GET, parts of a multipart POST. None for any other POST: that is handed to the SOAP server."""
    if request.method != "POST":
        return dict(request.query_params)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return None
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def php_json(reply: dict[str, Any]) -> Response:
    """JSON as PHP writes it: ASCII, with slashes escaped."""
    return Response(json.dumps(reply, separators=(",", ":")).replace("/", "\\/"), media_type="application/json")


class VoipMsDialect:
    """How faults are worded: with a `code` as a status word, else as the web server in front of the API would."""

    def failure(self, fault: Fault) -> Response:
        """The error that the fault asks for."""
        if fault.code is not None:
            return php_json({"status": str(fault.code)})
        status = fault.status or 500
        return HTMLResponse(f"<html><body><h1>{status}</h1></body></html>", status)

    def not_ready(self) -> Response:
        """A recording whose file is not there yet."""
        return php_json({"status": "no_base64file"})
